// Makes a namespace and locks it, and returns the same. The store's description is locked first: by that, two who make
// the same namespace wait for one another, and none appears while the model changes.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
SET meta.namespaces_made = meta.namespaces_made + 1
WITH meta
MERGE (n:Namespace {name: $p.namespace})
  ON CREATE SET n.scope = $p.scope, n.memory_count = 0, n.arrivals = 0, n.entities = 0, n.writes = 0
SET n.writes = n.writes + 1
WITH n, meta
/* include locked */;
