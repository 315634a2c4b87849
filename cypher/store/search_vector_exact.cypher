// The nearest live long-term memories that match, by looking at every one of the namespace.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
MATCH (m:Memory)
USING INDEX m:Memory(scope, epoch, arrival)
WHERE m.scope = $p.scope AND m.arrival IS NOT NULL AND m[meta.vector_property] IS NOT NULL
  AND m.memory_type IN $p.memory_types
  AND $p.min_importance <= m.importance_score <= $p.max_importance
  AND $p.since <= m.epoch < $p.until
  AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
  AND all(token IN $p.metadata WHERE token IN m.metadata_index)
WITH m, 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 AS similarity
ORDER BY similarity DESC, m.memory_id LIMIT $p.limit
RETURN m.memory_id AS memory_id, similarity, m.epoch AS timestamp, m.importance_score AS importance_score,
  m.created_at AS created_at, m.access_count AS access_count, m.last_accessed AS last_accessed,
  m.reinforcement_count AS reinforcement_count, m.memory_type AS memory_type, m.conversation_id AS conversation_id,
  m.speaker AS speaker, m.word_count AS word_count, m.is_question AS is_question;
