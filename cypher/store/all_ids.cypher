// Ids of all memories of a namespace, in order of arrival.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, arrival)
WHERE m.namespace = $p.namespace AND m.arrival IS NOT NULL
RETURN m.memory_id AS memory_id ORDER BY m.namespace, m.arrival;
