// Live long-term memories of a namespace, from its counter.
MATCH (n:Namespace {name: $p.namespace})
RETURN n.memory_count AS memories;
