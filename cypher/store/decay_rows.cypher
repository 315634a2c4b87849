// What the forgetting curve needs to know of live long-term memories in order of arrival: a list for each property, and
// the arrival of the last one. $never stands for a memory that was not recalled.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, arrival)
WHERE m.namespace = $p.namespace AND m.arrival > $p.after AND m.scope = $p.scope
WITH m ORDER BY m.namespace, m.arrival LIMIT $p.limit
RETURN collect(m.memory_id) AS memory_ids, collect(m.epoch) AS timestamp,
  collect(coalesce(m.last_accessed, $p.never)) AS last_accessed, collect(m.access_count) AS access_count,
  collect(m.reinforcement_count) AS reinforcement_count, collect(m.importance_score) AS importance,
  collect(m.memory_type) AS memory_types, max(m.arrival) AS position;
