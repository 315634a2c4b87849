// Gives a memory the vector of another one.
MATCH (kept:Memory {namespace: $p.namespace, memory_id: $p.kept_id})
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
WITH kept, m
WHERE kept[$p.vector_property] IS NOT NULL
CALL db.create.setNodeVectorProperty(m, $p.vector_property, kept[$p.vector_property]);
