// First statement of every transaction that writes into a namespace: waits for the others and locks it. Returns the
// last numbers of memories and entities, the vectors' model and place, and the answer of an earlier try of the same
// write; no row where the namespace does not exist.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (n:Namespace {name: $p.namespace})
SET n.writes = n.writes + 1
WITH n, meta
/* include locked */;
