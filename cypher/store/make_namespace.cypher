// Makes a namespace, which is locked.
MERGE (n:Namespace {name: $p.namespace})
  ON CREATE SET n.scope = $p.scope, n.memory_count = 0, n.arrivals = 0, n.entities = 0;
