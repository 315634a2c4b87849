// For each of some live long-term memories with a vector: the nearest of all of the namespace, as lists of id and
// cosine, the best first. Each vector is read once for all of them.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
CALL (meta) {
  UNWIND $p.memory_ids AS id
  MATCH (source:Memory {namespace: $p.namespace, memory_id: id})
  WHERE source.scope = $p.scope AND size(source[meta.vector_property]) = meta.dimension
  RETURN collect([source.memory_id, source[meta.vector_property]]) AS sources
}
CALL (meta, sources) {
  WITH meta, sources
  WHERE size(sources) > 0
  /* include live */
    AND size(m[meta.vector_property]) = meta.dimension
  WITH sources, m.memory_id AS neighbour, m[meta.vector_property] AS vector
  UNWIND sources AS source
  WITH source[0] AS memory_id, neighbour, 2 * vector.similarity.cosine(vector, source[1]) - 1 AS similarity
  WHERE similarity >= $p.min_similarity AND neighbour <> memory_id
  WITH memory_id, neighbour, similarity ORDER BY similarity DESC, neighbour
  WITH memory_id, collect([neighbour, similarity]) AS found
  RETURN collect([memory_id, found[..$p.limit]]) AS answers
}
RETURN [source IN sources | source[0]] AS memory_ids, answers;
