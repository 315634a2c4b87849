// Part: the versions of a memory m, the present one among them.
CALL (m) {
  MATCH (m)-[:WAS]->(v:MemoryVersion)
  RETURN v {
    .version, .operation, .at, .actor, .content, .memory_type, .metadata, .importance_score
  } AS version
  UNION ALL
  RETURN {
    version: coalesce(m.version, 1), operation: coalesce(m.version_operation, 'created'),
    at: coalesce(m.version_at, m.created_at), actor: coalesce(m.version_actor, 'caller'), content: m.content,
    memory_type: m.memory_type, metadata: m.metadata, importance_score: m.importance_score
  } AS version
}
