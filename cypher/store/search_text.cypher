// Live long-term memories that match and hold a word of the query, the best BM25 first, from the $fetch best of the
// namespace. $query is a Lucene query that requires the scope. Also returns how many the index gave, and the lowest
// score among them, by which the caller knows whether to ask for more.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $vector IS NULL OR $model IS NULL OR meta.embedding_model = $model
CALL (meta) {
  CALL db.index.fulltext.queryNodes('memory_content', $query, {limit: $fetch}) YIELD node, score
  RETURN collect([node, score]) AS found, min(score) AS lowest
}
RETURN size(found) AS hits, lowest, COLLECT {
  UNWIND found AS hit
  WITH hit[0] AS m, hit[1] AS score
  WHERE score > 0 AND m.scope = $scope
    AND m.memory_type IN $memory_types
    AND $min_importance <= m.importance_score <= $max_importance
    AND $since <= m.epoch < $until
    AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
    AND all(token IN $metadata WHERE token IN m.metadata_index)
  WITH m, score,
    CASE WHEN $vector IS NOT NULL AND m[meta.vector_property] IS NOT NULL
      THEN 2 * vector.similarity.cosine(m[meta.vector_property], $vector) - 1 END AS similarity
  ORDER BY score DESC, m.memory_id LIMIT $limit
  RETURN {
    memory_id: m.memory_id, similarity: similarity, text_score: score, timestamp: m.epoch,
    importance_score: m.importance_score, created_at: m.created_at, access_count: m.access_count,
    last_accessed: m.last_accessed, reinforcement_count: m.reinforcement_count, memory_type: m.memory_type,
    conversation_id: m.conversation_id, speaker: m.speaker, word_count: m.word_count, is_question: m.is_question
  }
} AS candidates;
