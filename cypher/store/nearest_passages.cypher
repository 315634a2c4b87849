// The live long-term memories that match with the nearest passages, as lists of id and cosine of the nearest one, the
// best first, by looking at every passage of the namespace.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
MATCH (p:Passage)
USING INDEX p:Passage(namespace, first)
WHERE p.namespace = $p.namespace AND p.first IS NOT NULL
  AND /* include comparable */
MATCH (m:Memory)-[:HAS_PASSAGE]->(p)
WHERE m.scope = $p.scope
  AND /* include filter */
WITH m.memory_id AS memory_id, max(2 * vector.similarity.cosine(p.embedding, $p.vector) - 1) AS similarity
ORDER BY similarity DESC, memory_id LIMIT $p.limit
RETURN collect([memory_id, similarity]) AS nearest;
