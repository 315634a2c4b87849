// Live long-term memories by id, in any order: lists as in search_vector_exact, with $p.excerpt characters of each
// text. Without a vector their similarity is null.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.vector IS NULL OR $p.model IS NULL OR meta.embedding_model = $p.model
RETURN COLLECT {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  WHERE m.scope = $p.scope
  RETURN [
    m.memory_id,
    CASE WHEN $p.vector IS NOT NULL THEN 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 END,
    m.epoch, m.importance_score, m.created_at, m.access_count, m.last_accessed, m.reinforcement_count, m.memory_type,
    m.conversation_id, m.speaker, m.word_count, m.is_question, left(m.content, $p.excerpt)
  ]
} AS candidates;
