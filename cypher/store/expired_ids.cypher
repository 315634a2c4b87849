// Ids of the short-term memories whose time is over.
MATCH (m:Memory)
WHERE m.namespace = $namespace AND m.expires_at <= $now
RETURN m.memory_id AS memory_id;
