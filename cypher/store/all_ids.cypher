// Ids of all memories of a namespace, in order of arrival.
MATCH (m:Memory)
WHERE m.namespace = $p.namespace
RETURN m.memory_id AS memory_id ORDER BY m.arrival;
