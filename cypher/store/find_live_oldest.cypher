// Live long-term memories that match, the oldest first.
/* include live_matches */
WITH m ORDER BY m.scope, m.epoch, m.arrival SKIP $p.offset LIMIT $p.limit
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */
ORDER BY m.epoch, m.arrival;
