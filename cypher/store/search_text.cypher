// Live long-term memories that match and hold a word of the query, the best BM25 first, from the $fetch best of the
// namespace. $query is a Lucene query that requires the scope. Also returns how many the index gave, and the lowest
// score among them, by which the caller knows whether to ask for more; and $excerpt characters of each text.
CALL () {
  CALL db.index.fulltext.queryNodes('memory_text', $p.query, {limit: $p.fetch}) YIELD node, score
  RETURN collect([node, score]) AS found, min(score) AS lowest
}
RETURN size(found) AS hits, lowest, COLLECT {
  UNWIND found AS hit
  WITH hit[0] AS m, hit[1] AS score
  WHERE score > 0 AND m.scope = $p.scope
    AND m.memory_type IN $p.memory_types
    AND $p.min_importance <= m.importance_score <= $p.max_importance
    AND $p.since <= m.epoch < $p.until
    AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
    AND all(token IN $p.metadata WHERE token IN m.metadata_index)
  WITH m, score
  ORDER BY score DESC, m.memory_id LIMIT $p.limit
  RETURN [
    m.memory_id, null, m.epoch, m.importance_score, m.created_at, m.access_count, m.last_accessed,
    m.reinforcement_count, m.memory_type, m.conversation_id, m.speaker, m.word_count, m.is_question,
    left(m.content, $p.excerpt), score
  ]
} AS candidates;
