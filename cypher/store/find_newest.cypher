// Memories that match, the newest first.
/* include matches */
WITH m ORDER BY m.namespace DESC, m.epoch DESC, m.arrival DESC SKIP $p.offset LIMIT $p.limit
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */
ORDER BY m.epoch DESC, m.arrival DESC;
