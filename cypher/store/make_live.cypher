// Puts memories into search that were short-term or archived. Each row: memory_id, and the properties to set; one whose
// scope is null among them stays out of search. The time of the last change never goes back.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
WITH m, row, m.changed_at AS before
SET m += row.properties
SET m.changed_at = CASE WHEN before > m.changed_at THEN before ELSE m.changed_at END
WITH m
CALL (m) {
  MATCH (m)-[r:MENTIONS]->(e:Entity)
  WHERE m.scope IS NOT NULL
  SET e.mention_count = e.mention_count + 1, r.scope = m.scope
};
