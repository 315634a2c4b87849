// Live long-term memories of a namespace, and all memories of the store, both from counters.
MATCH (n:Namespace {name: $p.namespace})
CALL () {
  MATCH (m:Memory)
  RETURN count(m) AS total
}
RETURN coalesce(n.memory_count, 0) AS memories, total;
