// Takes memories out of search that are not archived yet, and unties live long-term ones from their neighbours in
// the conversation. Where they were merged, $consolidated_into and $run_id are set; else $operation, and how they
// were is kept. Returns one row for each.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
WHERE m.archived_at IS NULL
FOREACH (_ IN CASE WHEN $p.operation IS NULL THEN [] ELSE [1] END |
  /* include keep_version */
)
WITH m, m.scope IS NOT NULL AS live
SET m.scope = null, m.archived_at = $p.at, m.consolidated_into = $p.consolidated_into,
    m.consolidation_run = $p.run_id
WITH m, live
CALL (m, live) {
  MATCH (m)-[r:NEXT]-()
  DELETE r
}
CALL (m, live) {
  MATCH (m)-[r:MENTIONS]->(e:Entity)
  WHERE live
  SET e.mention_count = e.mention_count - 1, r.scope = null
}
RETURN live, m.conversation_id AS conversation_id, m.epoch AS epoch, m.arrival AS arrival;
