// For each of some live long-term memories with a vector: its nearest among the $fetch nearest of the namespace, which
// the index filters by itself (Neo4j 2026.02 and later), as lists of id and exact cosine, the best first; and the
// lowest cosine of all that were fetched, by which the caller knows whether any can be missing.
CYPHER 25
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem', vector_property: 'embedding_alternate'})
UNWIND $p.memory_ids AS id
MATCH (source:Memory {namespace: $p.namespace, memory_id: id})
WHERE source.scope = $p.scope AND source.embedding_alternate IS NOT NULL
CALL (source) {
  MATCH (m:Memory)
    SEARCH m IN (
      VECTOR INDEX memory_embedding_alternate FOR source.embedding_alternate
      WHERE m.scope = $p.scope
      LIMIT $p.fetch
    )
  WITH m, 2 * vector.similarity.cosine(m.embedding_alternate, source.embedding_alternate) - 1 AS similarity
  /* include nearest */
}
RETURN source.memory_id AS memory_id, nearest, lowest;
