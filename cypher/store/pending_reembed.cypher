// Memories of any namespace without a vector in the property where those of the pending model gather, or with one of
// another length.
MATCH (m:Memory)
WHERE m[$p.vector_property] IS NULL OR size(m[$p.vector_property]) <> $p.dimension
RETURN m.namespace AS namespace, m.memory_id AS memory_id, m.content AS content
LIMIT $p.limit;
