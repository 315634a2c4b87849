// How many memories match.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, epoch, arrival)
WHERE m.namespace = $p.namespace AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
  AND /* include lifetime */
  AND /* include filter */
RETURN count(m) AS memories;
