// Sets the counter of a namespace's live long-term memories right. Returns the counter as it was and as it is.
MATCH (n:Namespace {name: $p.namespace})
CALL () {
  MATCH (m:Memory)
  USING INDEX m:Memory(scope, epoch, arrival)
  WHERE m.scope = $p.scope AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
  RETURN count(m) AS live
}
WITH n, n.memory_count AS recorded, live
SET n.memory_count = live
RETURN recorded, live;
