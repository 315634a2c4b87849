// Memories that match, the newest first.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (m:Memory)
WHERE m.namespace = $namespace
  AND (m.expires_at IS NULL OR ($lifetime <> 'long_term' AND m.expires_at > $now))
  AND (m.expires_at IS NOT NULL OR $lifetime <> 'short_term')
  AND ($archived IS NULL OR $archived = (m.archived_at IS NOT NULL))
  AND m.memory_type IN $memory_types
  AND $min_importance <= m.importance_score <= $max_importance
  AND $since <= m.epoch < $until
  AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
  AND all(token IN $metadata WHERE token IN m.metadata_index)
WITH meta, m ORDER BY m.epoch DESC, m.arrival DESC SKIP $offset LIMIT $limit
RETURN m {
    .memory_id, .content, .memory_type, .epoch, .importance_score, .access_count, .last_accessed, .metadata,
    .conversation_id, .created_at, .updated_at, .reinforcement_count, .expires_at, .archived_at
  } AS memory,
  [(m)-[r:MENTIONS]->(e:Entity) | {key: e.key, name: r.name, label: r.label}] AS entities,
  CASE WHEN $with_embedding THEN m[meta.vector_property] END AS embedding;
