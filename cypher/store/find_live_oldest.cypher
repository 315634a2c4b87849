// Live long-term memories that match, the oldest first.
MATCH (m:Memory)
USING INDEX m:Memory(scope, epoch, arrival)
WHERE m.scope = $p.scope AND m.arrival IS NOT NULL
  AND m.memory_type IN $p.memory_types
  AND $p.min_importance <= m.importance_score <= $p.max_importance
  AND $p.since <= m.epoch < $p.until
  AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
  AND all(token IN $p.metadata WHERE token IN m.metadata_index)
WITH m ORDER BY m.scope, m.epoch, m.arrival SKIP $p.offset LIMIT $p.limit
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN m {
    .memory_id, .content, .memory_type, .epoch, .importance_score, .access_count, .last_accessed, .metadata,
    .conversation_id, .created_at, .updated_at, .reinforcement_count, .expires_at, .archived_at,
    .consolidated_into, .decay_factor
  } AS memory,
  [(m)-[r:MENTIONS]->(e:Entity) | {key: e.key, name: r.name, label: r.label}] AS entities,
  COLLECT {
    MATCH (m)-[:POSSIBLY_OUTDATED_BY]->(newer:Memory)
    WHERE newer.scope IS NOT NULL
    RETURN newer.memory_id ORDER BY newer.arrival
  } AS newer_ids,
  CASE WHEN $p.with_embedding THEN m[meta.vector_property] END AS embedding
ORDER BY m.epoch, m.arrival;
