// The nearest live long-term memories that match, from the $fetch nearest of the whole store (Neo4j 5.26 to 2026.01,
// whose index cannot filter). Similarities are exact.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
CALL db.index.vector.queryNodes('memory_' + meta.vector_property, $p.fetch, $p.vector) YIELD node AS m
WITH meta, m
WHERE m.scope = $p.scope
  AND m.memory_type IN $p.memory_types
  AND $p.min_importance <= m.importance_score <= $p.max_importance
  AND $p.since <= m.epoch < $p.until
  AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
  AND all(token IN $p.metadata WHERE token IN m.metadata_index)
WITH m, 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 AS similarity
ORDER BY similarity DESC, m.memory_id LIMIT $p.limit
RETURN collect([
  m.memory_id, similarity, m.epoch, m.importance_score, m.created_at, m.access_count, m.last_accessed,
  m.reinforcement_count, m.memory_type, m.conversation_id, m.speaker, m.word_count, m.is_question,
  left(m.content, $p.excerpt)
]) AS candidates;
