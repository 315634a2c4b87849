// The nearest live long-term memories that match, by looking at all that meet $query, a Lucene query that requires the
// scope; null where more than $most do. Also returns how many do.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
CALL () {
  CALL db.index.fulltext.queryNodes('memory_text', $p.query, {limit: $p.most + 1}) YIELD node
  RETURN collect(node) AS found
}
CALL (meta, found) {
  UNWIND CASE WHEN size(found) > $p.most THEN [] ELSE found END AS m
  WITH meta, m
  WHERE m.scope = $p.scope
    AND /* include filter */
  WITH m, 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 AS similarity
  WHERE similarity IS NOT NULL
  WITH m, similarity
  /* include candidates */
}
RETURN size(found) AS hits, CASE WHEN size(found) <= $p.most THEN candidates END AS candidates;
