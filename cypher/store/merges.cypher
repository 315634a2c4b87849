// Memories that came out of merging and were not merged again, the newest first, with their originals by arrival.
MATCH (original:Memory)
USING INDEX original:Memory(namespace, consolidated_into)
WHERE original.namespace = $p.namespace AND original.consolidated_into IS NOT NULL
  AND ($p.run_id IS NULL OR original.consolidation_run = $p.run_id)
MATCH (original)-[merge:CONSOLIDATED_INTO]->(merged:Memory)
WHERE merged.consolidated_into IS NULL
WITH original, merge, merged ORDER BY original.arrival
WITH merged, collect(original.memory_id) AS source_ids, head(collect(merge)) AS merge
RETURN merged.memory_id AS merged_id, source_ids, merge.run_id AS run_id, merge.merged_at AS merged_at
ORDER BY merged_at DESC, merged.arrival DESC LIMIT $p.limit;
