// Part: one row for each merged memory, from its originals and their links to it (merge).
WITH original, merge, merged ORDER BY original.arrival
WITH merged, collect(original.memory_id) AS source_ids, head(collect(merge)) AS merge
RETURN merged.memory_id AS merged_id, source_ids, merge.run_id AS run_id, merge.merged_at AS merged_at
