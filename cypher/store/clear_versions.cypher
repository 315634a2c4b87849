// Removes how memories were before: of each the present version is the only one from then on.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
REMOVE m.version_operation, m.version_at, m.version_actor
WITH m
MATCH (m)-[:WAS]->(v:MemoryVersion)
DETACH DELETE v;
