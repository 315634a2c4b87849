// Facts about each subject's attribute of which one of some memories says something, in any order.
UNWIND $p.memory_ids AS id
MATCH (:Memory {namespace: $p.namespace, memory_id: id})-[:STATES]->(said:Fact)
WITH DISTINCT said.subject_key AS subject_key, said.attribute AS attribute
MATCH (f:Fact {namespace: $p.namespace, subject_key: subject_key, attribute: attribute})
RETURN /* include fact */;
