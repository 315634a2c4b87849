// Memories that match, the least important and longest unused first.
/* include matches */
WITH m ORDER BY m.importance_score, m.touched_at, m.arrival SKIP $p.offset LIMIT $p.limit
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */
ORDER BY m.importance_score, m.touched_at, m.arrival;
