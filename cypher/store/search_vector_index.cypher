// The nearest live long-term memories that match, from the $fetch nearest of the whole store (Neo4j 5.26 to 2026.01,
// whose index cannot filter). Similarities are exact.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
CALL db.index.vector.queryNodes('memory_' + meta.vector_property, $p.fetch, $p.vector) YIELD node AS m
WITH meta, m
WHERE m.scope = $p.scope
  AND /* include filter */
WITH m, 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 AS similarity
/* include candidates */;
