// What was merged, and why? Memories that were set aside because another says the same, the latest first.
// Returns a row for each: what it said, what stands in its place, how similar the two are, and which run merged them.
:param namespace => 'default'

MATCH (original:Memory)
WHERE original.namespace = $namespace AND original.archived_at IS NOT NULL
MATCH (original)-[merge:CONSOLIDATED_INTO]->(merged:Memory)
RETURN original.content AS said, merged.content AS stands_in_its_place,
  round(2 * vector.similarity.cosine(original.embedding, merged.embedding) - 1, 3) AS cosine,
  properties(merge) AS why, datetime({epochMillis: toInteger(1000 * original.archived_at)}) AS merged_at
ORDER BY merged_at DESC LIMIT 100;
