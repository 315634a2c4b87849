// Turns a short-term memory into a long-term one; $scope is null where it is archived.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
SET m.scope = $p.scope, m.expires_at = null, m.dedup_key = $p.dedup_key
WITH m
CALL (m) {
  MATCH (m)-[r:MENTIONS]->(e:Entity)
  WHERE m.scope IS NOT NULL
  SET e.mention_count = e.mention_count + 1, r.scope = m.scope
};
