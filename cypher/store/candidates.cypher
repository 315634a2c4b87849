// Live long-term memories by id, in any order: lists as searches by vector return them, with $p.excerpt characters of
// each text. Without a vector their similarity is null.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.vector IS NULL OR $p.model IS NULL OR meta.embedding_model = $p.model
RETURN COLLECT {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  WHERE m.scope = $p.scope
  RETURN [
    m.memory_id,
    CASE WHEN $p.vector IS NOT NULL THEN 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 END,
    /* include candidate */
  ]
} AS candidates;
