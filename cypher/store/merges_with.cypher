// Merges that memories came out of or were merged by, by time, with their originals by arrival.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
CALL (m) {
  RETURN m AS merged
  UNION
  MATCH (m)-[:CONSOLIDATED_INTO]->(merged:Memory)
  RETURN merged
}
WITH DISTINCT merged
MATCH (original:Memory)-[merge:CONSOLIDATED_INTO]->(merged)
WITH original, merge, merged ORDER BY original.arrival
WITH merged, collect(original.memory_id) AS source_ids, head(collect(merge)) AS merge
RETURN merged.memory_id AS merged_id, source_ids, merge.run_id AS run_id, merge.merged_at AS merged_at
ORDER BY merged_at, merged_id;
