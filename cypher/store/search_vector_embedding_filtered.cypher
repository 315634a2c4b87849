// The nearest live long-term memories that match, from the $fetch nearest of the namespace and the time, which the
// index filters by itself (Neo4j 2026.02 and later). Similarities are exact.
CYPHER 25
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem', vector_property: 'embedding'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
MATCH (m:Memory)
  SEARCH m IN (
    VECTOR INDEX memory_embedding FOR $p.vector
    WHERE m.scope = $p.scope AND m.epoch >= $p.since AND m.epoch < $p.until
    LIMIT $p.fetch
  )
WITH m
WHERE m.memory_type IN $p.memory_types
  AND $p.min_importance <= m.importance_score <= $p.max_importance
  AND $p.since <= m.epoch < $p.until
  AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
  AND all(token IN $p.metadata WHERE token IN m.metadata_index)
WITH m, 2 * vector.similarity.cosine(m.embedding, $p.vector) - 1 AS similarity
ORDER BY similarity DESC, m.memory_id LIMIT $p.limit
RETURN collect([
  m.memory_id, similarity, m.epoch, m.importance_score, m.created_at, m.access_count, m.last_accessed,
  m.reinforcement_count, m.memory_type, m.conversation_id, m.speaker, m.word_count, m.is_question,
  left(m.content, $p.excerpt)
]) AS candidates;
