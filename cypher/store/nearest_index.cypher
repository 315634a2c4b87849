// For each of some live long-term memories with a vector: its nearest of the namespace among the $fetch nearest of the
// whole store (Neo4j 5.26 to 2026.01, whose index cannot filter), as lists of id and exact cosine, the best first; and
// the lowest cosine of all that were fetched, by which the caller knows whether any can be missing.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
UNWIND $p.memory_ids AS id
MATCH (source:Memory {namespace: $p.namespace, memory_id: id})
WHERE source.scope = $p.scope AND source[meta.vector_property] IS NOT NULL
CALL (meta, source) {
  CALL db.index.vector.queryNodes('memory_' + meta.vector_property, $p.fetch, source[meta.vector_property])
    YIELD node AS m, score
  WITH m, score, source, CASE WHEN m.scope = $p.scope AND m <> source
      THEN 2 * vector.similarity.cosine(m[meta.vector_property], source[meta.vector_property]) - 1
    END AS similarity
  ORDER BY similarity DESC, m.memory_id
  WITH 2 * min(score) - 1 AS lowest,
    collect(CASE WHEN similarity >= $p.min_similarity THEN [m.memory_id, similarity] END) AS found
  RETURN lowest, found[..$p.limit] AS nearest
}
RETURN source.memory_id AS memory_id, nearest, lowest;
