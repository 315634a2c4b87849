// Part: the end of a search by vector: the most similar memories m, ties by id.
ORDER BY similarity DESC, m.memory_id LIMIT $p.limit
RETURN collect([
  m.memory_id, similarity,
  /* include candidate */
]) AS candidates
