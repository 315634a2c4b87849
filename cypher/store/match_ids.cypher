// Ids of all memories that match, in order of arrival.
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
RETURN m.memory_id AS memory_id ORDER BY m.arrival;
