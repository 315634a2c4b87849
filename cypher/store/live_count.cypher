// Live long-term memories of a namespace, from its counter.
MATCH (n:Namespace {name: $p.namespace})
RETURN coalesce(n.memory_count, 0) AS memories;
