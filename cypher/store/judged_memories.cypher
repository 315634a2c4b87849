// Memories that are over, by arrival: those of the ids, and those that one of the ids stands in the place of. What was
// found by hand and by facts is kept with them; `newer` are live memories that say otherwise by comparison of texts,
// each with id and when it was said last.
UNWIND $p.memory_ids AS id
MATCH (x:Memory {namespace: $p.namespace, memory_id: id})
CALL (x) {
  RETURN x AS m
  UNION
  MATCH (m:Memory {namespace: $p.namespace, over_by: x.memory_id})
  RETURN m
  UNION
  MATCH (m:Memory)-[:POSSIBLY_OUTDATED_BY]->(x)
  RETURN m
}
WITH DISTINCT m
WITH m, [(m)-[:POSSIBLY_OUTDATED_BY]->(n:Memory) WHERE n.scope IS NOT NULL |
  [n.memory_id, coalesce(n.last_said_at, n.epoch)]] AS newer
WHERE m.over_share IS NOT NULL OR newer <> []
RETURN m.memory_id AS memory_id, m.standing AS standing, m.standing_at AS standing_at, m.last_said_at AS last_said_at,
  m.over_share AS share,
  m.over_since AS since, m.over_by AS superseded_by, m.over_known_from AS known_from, m.over_reason AS reason, newer
ORDER BY m.arrival;
