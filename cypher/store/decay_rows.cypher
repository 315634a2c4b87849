// What the forgetting curve needs to know of live long-term memories in order of arrival: a list for each property, and
// the arrival of the last one. $never stands for a memory that was not recalled. A memory that is removed meanwhile is
// in none of the lists: what was not read of it yet is null, and would shift one list against the others.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, arrival)
WHERE m.namespace = $p.namespace AND m.arrival > $p.after AND m.scope = $p.scope
WITH m ORDER BY m.namespace, m.arrival LIMIT $p.limit
WITH m.arrival AS arrival, [
    m.memory_id, m.epoch, coalesce(m.last_accessed, $p.never), /* include uses */, m.importance_score, m.memory_type
  ] AS values
WITH arrival, CASE WHEN none(value IN values WHERE value IS NULL) THEN values END AS values
RETURN collect(values[0]) AS memory_ids, collect(values[1]) AS timestamp, collect(values[2]) AS last_accessed,
  collect(values[3]) AS uses, collect(values[4]) AS importance, collect(values[5]) AS memory_types,
  max(arrival) AS position;
