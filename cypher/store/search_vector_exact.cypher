// The nearest live long-term memories that match, by looking at every one of the namespace.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $model IS NULL OR meta.embedding_model = $model
MATCH (m:Memory)
WHERE m.scope = $scope AND m[meta.vector_property] IS NOT NULL
  AND m.memory_type IN $memory_types
  AND $min_importance <= m.importance_score <= $max_importance
  AND $since <= m.epoch < $until
  AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
  AND all(token IN $metadata WHERE token IN m.metadata_index)
WITH m, 2 * vector.similarity.cosine(m[meta.vector_property], $vector) - 1 AS similarity
ORDER BY similarity DESC, m.memory_id LIMIT $limit
RETURN m.memory_id AS memory_id, similarity, m.epoch AS timestamp, m.importance_score AS importance_score,
  m.created_at AS created_at, m.access_count AS access_count, m.last_accessed AS last_accessed,
  m.reinforcement_count AS reinforcement_count, m.memory_type AS memory_type, m.conversation_id AS conversation_id,
  m.speaker AS speaker, m.word_count AS word_count, m.is_question AS is_question;
