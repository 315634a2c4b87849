// The nearest live long-term memories that match, from the $fetch nearest of the namespace and the time, which the
// index filters by itself (Neo4j 2026.02 and later). Similarities are exact.
CYPHER 25
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem', vector_property: 'embedding'})
WHERE $model IS NULL OR meta.embedding_model = $model
MATCH (m:Memory)
  SEARCH m IN (
    VECTOR INDEX memory_embedding FOR $vector
    WHERE m.scope = $scope AND m.epoch >= $since AND m.epoch < $until
    LIMIT $fetch
  )
WITH m
WHERE m.memory_type IN $memory_types
  AND $min_importance <= m.importance_score <= $max_importance
  AND $since <= m.epoch < $until
  AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
  AND all(token IN $metadata WHERE token IN m.metadata_index)
WITH m, 2 * vector.similarity.cosine(m.embedding, $vector) - 1 AS similarity
ORDER BY similarity DESC, m.memory_id LIMIT $limit
RETURN m.memory_id AS memory_id, similarity, m.epoch AS timestamp, m.importance_score AS importance_score,
  m.created_at AS created_at, m.access_count AS access_count, m.last_accessed AS last_accessed,
  m.reinforcement_count AS reinforcement_count, m.memory_type AS memory_type, m.conversation_id AS conversation_id,
  m.speaker AS speaker, m.word_count AS word_count, m.is_question AS is_question;
