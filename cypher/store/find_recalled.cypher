// Ids of live long-term memories whose last recall was at or after a time, by arrival. The index has the time at which
// each was recalled or, where never, made.
MATCH (m:Memory)
USING INDEX m:Memory(scope, importance_score, touched_at, arrival)
WHERE m.scope = $p.scope AND m.importance_score >= 0.0 AND m.touched_at >= $p.since AND m.arrival >= 0
  AND m.last_accessed >= $p.since
RETURN m.memory_id AS memory_id ORDER BY m.arrival;
