// What some memories speak of, and the originals that were merged into them: subjects' attributes and values.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})<-[:CONSOLIDATED_INTO*0..]-(:Memory)-[r:SAYS_OF]->()
RETURN DISTINCT r.subject_key AS subject_key, r.attribute AS attribute, r.value_key AS value_key;
