// How near each passage of live long-term memories is to a vector: lists of id, first, last and cosine.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
RETURN COLLECT {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})-[:HAS_PASSAGE]->(p:Passage)
  WHERE m.scope = $p.scope
    AND /* include comparable */
  RETURN [m.memory_id, p.first, p.last, 2 * vector.similarity.cosine(p.embedding, $p.vector) - 1]
} AS matches;
