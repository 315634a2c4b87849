// What was forgotten? Archived memories: kept, but no longer found by any search. The latest first.
// Returns a row for each: content, type, importance, when it was said and when it was set aside.
:param namespace => 'default'

MATCH (m:Memory)
WHERE m.namespace = $namespace AND m.archived_at IS NOT NULL
RETURN m.content AS content, m.memory_type AS type, round(m.importance_score, 2) AS importance, m.timestamp AS said_at,
  datetime({epochMillis: toInteger(1000 * m.archived_at)}) AS archived_at
ORDER BY archived_at DESC LIMIT 100;
