// Live long-term memories that match, the least important and longest unused first.
MATCH (m:Memory)
USING INDEX m:Memory(scope, importance_score, touched_at, arrival)
WHERE m.scope = $p.scope AND m.touched_at IS NOT NULL AND m.arrival IS NOT NULL
  AND /* include filter */
WITH m ORDER BY m.scope, m.importance_score, m.touched_at, m.arrival SKIP $p.offset LIMIT $p.limit
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */
ORDER BY m.importance_score, m.touched_at, m.arrival;
