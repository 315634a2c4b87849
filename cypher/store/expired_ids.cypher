// Ids of the short-term memories whose time is over.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, expires_at)
WHERE m.namespace = $p.namespace AND m.expires_at <= $p.now
RETURN m.memory_id AS memory_id;
