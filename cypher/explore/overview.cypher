// What is in here? Returns a row for each namespace: live memories by type, archived ones, entities, conversations.

MATCH (n:Namespace)
CALL (n) {
  MATCH (m:Memory)
  WHERE m.namespace = n.name AND m.scope IS NOT NULL
  WITH m.memory_type AS type, count(m) AS memories ORDER BY memories DESC
  RETURN collect(type + ': ' + memories) AS live
}
CALL (n) {
  MATCH (m:Memory)
  WHERE m.namespace = n.name AND m.archived_at IS NOT NULL
  RETURN count(m) AS archived
}
RETURN n.name AS namespace, live, archived,
  COUNT { MATCH (e:Entity) WHERE e.namespace = n.name } AS entities,
  COUNT { MATCH (c:Conversation) WHERE c.namespace = n.name } AS conversations
ORDER BY n.memory_count DESC;
