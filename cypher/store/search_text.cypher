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
    AND /* include filter */
  WITH m, score
  ORDER BY score DESC, m.memory_id LIMIT $p.limit
  RETURN [
    m.memory_id, null,
    /* include candidate */,
    score
  ]
} AS candidates;
