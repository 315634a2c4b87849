// Ids of the memories whose time is over, short-term and long-term ones.
CALL () {
  MATCH (m:Memory)
  USING INDEX m:Memory(namespace, expires_at)
  WHERE m.namespace = $p.namespace AND m.expires_at <= $p.now
  RETURN m
  UNION
  MATCH (m:Memory)
  USING INDEX m:Memory(namespace, ends_at)
  WHERE m.namespace = $p.namespace AND m.ends_at <= $p.now
  RETURN m
}
RETURN m.memory_id AS memory_id;
