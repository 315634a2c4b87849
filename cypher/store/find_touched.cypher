// Ids of live long-term memories that were stored or changed since a time, by arrival.
MATCH (m:Memory)
USING INDEX m:Memory(scope, changed_at)
WHERE m.scope = $p.scope AND m.changed_at >= $p.since
RETURN m.memory_id AS memory_id ORDER BY m.arrival;
