// Keeps vectors of the pending model. Each row: memory_id, the content that was embedded, embedding. A memory whose
// content is another one by now is left alone. Returns how many were kept.
UNWIND $rows AS row
MATCH (m:Memory {namespace: $namespace, memory_id: row.memory_id})
WHERE m.content = row.content
CALL db.create.setNodeVectorProperty(m, $vector_property, row.embedding)
RETURN count(*) AS kept;
