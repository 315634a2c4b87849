// Memories by id, in any order.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
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
  CASE WHEN $p.with_embedding THEN m[meta.vector_property] END AS embedding;
