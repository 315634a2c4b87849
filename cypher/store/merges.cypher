// Memories that came out of merging and were not merged again, the newest first, with their originals by arrival.
MATCH (original:Memory)
USING INDEX original:Memory(namespace, consolidated_into)
WHERE original.namespace = $p.namespace AND original.consolidated_into IS NOT NULL
  AND ($p.run_id IS NULL OR original.consolidation_run = $p.run_id)
MATCH (original)-[merge:CONSOLIDATED_INTO]->(merged:Memory)
WHERE merged.consolidated_into IS NULL
/* include merge_record */
ORDER BY merged_at DESC, merged.arrival DESC LIMIT $p.limit;
