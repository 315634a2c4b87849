// Ids of all memories that match, in order of arrival.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, epoch, arrival)
WHERE m.namespace = $p.namespace AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
  AND /* include lifetime */
  AND /* include filter */
RETURN m.memory_id AS memory_id ORDER BY m.arrival;
