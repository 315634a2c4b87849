// Part: the memories m of any lifetime that match a filter, off the index over their times.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, epoch, arrival)
WHERE m.namespace = $p.namespace AND m.arrival IS NOT NULL
  AND /* include lifetime */
  AND /* include filter */
