// Part: all live long-term memories m of the namespace.
MATCH (m:Memory)
USING INDEX m:Memory(scope, epoch, arrival)
WHERE m.scope = $p.scope AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
