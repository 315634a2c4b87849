// Removes the passages of a memory, which says something else now.
MATCH (:Memory {namespace: $p.namespace, memory_id: $p.memory_id})-[:HAS_PASSAGE]->(p:Passage)
DETACH DELETE p;
