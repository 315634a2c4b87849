// Part: the end of a subquery that finds the neighbours m of a memory source by an index that filters by itself.
ORDER BY similarity DESC, m.memory_id
WITH min(similarity) AS lowest,
  collect(CASE WHEN m <> source AND similarity >= $p.min_similarity THEN [m.memory_id, similarity] END) AS found
RETURN lowest, found[..$p.limit] AS nearest
