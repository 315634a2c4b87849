// Part: up to $limit memories m of the namespace that arrived after $after, in order of arrival.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, arrival)
WHERE m.namespace = $p.namespace AND m.arrival > $p.after
WITH m ORDER BY m.namespace, m.arrival LIMIT $p.limit
