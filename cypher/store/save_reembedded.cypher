// Keeps vectors of the pending model. Each row: memory_id, the content that was embedded, embedding. A memory whose
// content is another one by now is left alone. Returns how many were kept.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
WHERE m.content = row.content
CALL db.create.setNodeVectorProperty(m, $p.vector_property, row.embedding)
RETURN count(*) AS kept;
