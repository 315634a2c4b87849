// What was merged, and why? Memories that were set aside because another says the same, the latest first.
// Returns a row for each: what it said, what stands in its place, how similar the two are, which run merged them, when.
:param namespace => 'default'

MATCH (original:Memory)
WHERE original.namespace = $namespace AND original.consolidated_into IS NOT NULL
MATCH (original)-[merge:CONSOLIDATED_INTO]->(merged:Memory)
RETURN original.content AS said, merged.content AS stands_in_its_place,
  round(2 * vector.similarity.cosine(
    coalesce(original.embedding, original.embedding_alternate), coalesce(merged.embedding, merged.embedding_alternate)
  ) - 1, 3) AS cosine,
  merge.run_id AS run, datetime({epochMillis: toInteger(1000 * merge.merged_at)}) AS merged_at
ORDER BY merged_at DESC LIMIT 100;
