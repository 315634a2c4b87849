// Joins archived originals to the memory they were merged into, where one of the two is new.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
CALL (m) {
  MATCH (merged:Memory {namespace: $p.namespace, memory_id: m.consolidated_into})
  RETURN m AS original, merged
  UNION
  MATCH (original:Memory)
  USING INDEX original:Memory(namespace, consolidated_into)
  WHERE original.namespace = $p.namespace AND original.consolidated_into = m.memory_id
  RETURN original, m AS merged
}
WITH DISTINCT original, merged
CREATE (original)-[:CONSOLIDATED_INTO {run_id: original.consolidation_run, merged_at: original.archived_at}]->(merged);
