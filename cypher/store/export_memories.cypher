// Memories of any lifetime in order of arrival, with all that is kept of them.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, arrival)
WHERE m.namespace = $p.namespace AND m.arrival > $p.after
WITH m ORDER BY m.namespace, m.arrival LIMIT $p.limit
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
  CASE WHEN $p.with_embedding THEN m[meta.vector_property] END AS embedding,
  m.dedup_key AS dedup_key, m.consolidation_run AS run_id, m.arrival AS arrival
ORDER BY arrival;
