// Memories that match, the newest first.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (m:Memory)
WHERE m.namespace = $p.namespace
  AND (m.expires_at IS NULL OR ($p.lifetime <> 'long_term' AND m.expires_at > $p.now))
  AND (m.expires_at IS NOT NULL OR $p.lifetime <> 'short_term')
  AND ($p.archived IS NULL OR $p.archived = (m.archived_at IS NOT NULL))
  AND m.memory_type IN $p.memory_types
  AND $p.min_importance <= m.importance_score <= $p.max_importance
  AND $p.since <= m.epoch < $p.until
  AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
  AND all(token IN $p.metadata WHERE token IN m.metadata_index)
WITH meta, m ORDER BY m.epoch DESC, m.arrival DESC SKIP $p.offset LIMIT $p.limit
RETURN m {
    .memory_id, .content, .memory_type, .epoch, .importance_score, .access_count, .last_accessed, .metadata,
    .conversation_id, .created_at, .updated_at, .reinforcement_count, .expires_at, .archived_at
  } AS memory,
  [(m)-[r:MENTIONS]->(e:Entity) | {key: e.key, name: r.name, label: r.label}] AS entities,
  CASE WHEN $p.with_embedding THEN m[meta.vector_property] END AS embedding;
