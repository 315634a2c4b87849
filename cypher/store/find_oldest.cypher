// Memories that match, the oldest first.
/* include matches */
WITH m ORDER BY m.namespace, m.epoch, m.arrival SKIP $p.offset LIMIT $p.limit
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */
ORDER BY m.epoch, m.arrival;
