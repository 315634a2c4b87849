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
/* include merge_record */
ORDER BY merged_at, merged_id;
