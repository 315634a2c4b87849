// Cosines of live long-term memories to a vector, by id: lists of id and cosine, in any order.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
RETURN COLLECT {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  WHERE m.scope = $p.scope
  WITH m.memory_id AS memory_id, 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 AS similarity
  WHERE memory_id IS NOT NULL AND similarity IS NOT NULL
  RETURN [memory_id, similarity]
} AS similarities;
