// Counts of one namespace, without memories that have ended.
CALL () {
  /* include live */ AND /* include lasting */
  RETURN count(m) AS live, avg(m.importance_score) AS importance, min(m.epoch) AS oldest, max(m.epoch) AS newest
}
CALL () {
  /* include live */ AND /* include lasting */
  WITH m.memory_type AS memory_type, count(m) AS memories
  // It is null of a memory that is removed meanwhile.
  WHERE memory_type IS NOT NULL
  RETURN collect([memory_type, memories]) AS types
}
CALL () {
  /* include live */ AND m.tags IS NOT NULL AND (m.ends_at IS NULL OR m.ends_at > $p.now)
  UNWIND m.tags AS tag
  WITH tag, count(*) AS memories ORDER BY memories DESC, tag LIMIT 100
  RETURN collect([tag, memories]) AS tags
}
CALL () {
  MATCH (m:Memory)
  USING INDEX m:Memory(namespace, expires_at)
  WHERE m.namespace = $p.namespace AND m.expires_at > $p.now AND m.archived_at IS NULL
  RETURN count(m) AS short_term
}
CALL () {
  MATCH (m:Memory)
  USING INDEX m:Memory(namespace, archived_at)
  WHERE m.namespace = $p.namespace AND m.archived_at IS NOT NULL AND (m.expires_at IS NULL OR m.expires_at > $p.now)
    AND /* include lasting */
  RETURN count(m) AS archived
}
CALL () {
  MATCH (e:Entity)
  USING INDEX e:Entity(namespace, mention_count)
  WHERE e.namespace = $p.namespace AND e.mention_count IS NOT NULL
  RETURN count(e) AS entities, sum(e.mention_count) AS mentions
}
CALL () {
  MATCH (c:Conversation)
  USING INDEX c:Conversation(namespace, conversation_id)
  WHERE c.namespace = $p.namespace AND c.conversation_id IS NOT NULL
    AND EXISTS { MATCH (c)<-[:PART_OF]-(m:Memory)
      WHERE (m.expires_at IS NULL OR m.expires_at > $p.now) AND /* include lasting */ }
  RETURN count(c) AS conversations
}
CALL () {
  MATCH (i:Item)
  USING INDEX i:Item(namespace, position)
  WHERE i.namespace = $p.namespace AND i.position IS NOT NULL AND (i.expires_at IS NULL OR i.expires_at > $p.now)
  RETURN count(i) AS items
}
CALL () {
  OPTIONAL /* include live */ AND m.access_count > 0 AND /* include lasting */
  RETURN m.memory_id AS most_accessed ORDER BY m.access_count DESC, m.memory_id LIMIT 1
}
RETURN *;
