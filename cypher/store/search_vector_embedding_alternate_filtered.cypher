// The nearest live long-term memories that match, from the $fetch nearest of the namespace and the time, which the
// index filters by itself (Neo4j 2026.02 and later). Similarities are exact.
CYPHER 25
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem', vector_property: 'embedding_alternate'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
MATCH (m:Memory)
  SEARCH m IN (
    VECTOR INDEX memory_embedding_alternate FOR $p.vector
    WHERE m.scope = $p.scope AND m.epoch >= $p.since AND m.epoch < $p.until
    LIMIT $p.fetch
  )
WITH m
WHERE /* include filter */
WITH m, 2 * vector.similarity.cosine(m.embedding_alternate, $p.vector) - 1 AS similarity
/* include candidates */;
