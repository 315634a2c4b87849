// What hangs on nothing? Live memories that mention no entity another one mentions, and follow nothing in a
// conversation: only words and vectors find them. Returns a row for each, the newest first.
:param namespace => 'default'

MATCH (m:Memory)
WHERE m.namespace = $namespace AND m.scope IS NOT NULL
  AND NOT EXISTS { (m)-[:MENTIONS]->(e:Entity) WHERE e.mention_count > 1 }
  AND NOT EXISTS { (m)-[:NEXT]-() }
RETURN m.memory_id AS memory_id, m.content AS content, m.timestamp AS said_at
ORDER BY said_at DESC LIMIT 100;
