// Part: keeps how a memory m is before it changes, as a node that hangs on it, and counts the change.
CREATE (m)-[:WAS]->(v:MemoryVersion)
SET v = {
  namespace: m.namespace, memory_id: m.memory_id, version: coalesce(m.version, 1),
  operation: coalesce(m.version_operation, 'created'), at: coalesce(m.version_at, m.created_at),
  actor: coalesce(m.version_actor, 'caller'), content: m.content, memory_type: m.memory_type, metadata: m.metadata,
  importance_score: m.importance_score
}
SET m.version = coalesce(m.version, 1) + 1, m.version_operation = $p.operation, m.version_at = $p.at,
    m.version_actor = $p.actor
