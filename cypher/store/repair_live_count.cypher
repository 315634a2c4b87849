// Sets the counter of a namespace's live long-term memories right. Returns the counter as it was and as it is.
MATCH (n:Namespace {name: $p.namespace})
CALL () {
  /* include live */
  RETURN count(m) AS live
}
WITH n, n.memory_count AS recorded, live
SET n.memory_count = live
RETURN recorded, live;
