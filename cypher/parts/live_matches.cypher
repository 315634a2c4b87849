// Part: the live long-term memories m that match a filter, off the index over their times.
MATCH (m:Memory)
USING INDEX m:Memory(scope, epoch, arrival)
WHERE m.scope = $p.scope AND m.arrival IS NOT NULL
  AND /* include filter */
