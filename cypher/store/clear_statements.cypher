// Removes what memories say.
UNWIND $p.memory_ids AS id
MATCH (:Memory {namespace: $p.namespace, memory_id: id})-[r:SAYS_OF]->()
DELETE r;
