// How many memories match.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, epoch, arrival)
WHERE m.namespace = $p.namespace AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
  AND CASE WHEN m.expires_at IS NULL THEN $p.lifetime <> 'short_term'
    ELSE $p.lifetime <> 'long_term' AND m.expires_at > $p.now END
  AND ($p.archived IS NULL OR $p.archived = (m.archived_at IS NOT NULL))
  AND m.memory_type IN $p.memory_types
  AND $p.min_importance <= m.importance_score <= $p.max_importance
  AND $p.since <= m.epoch < $p.until
  AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
  AND all(token IN $p.metadata WHERE token IN m.metadata_index)
RETURN count(m) AS memories;
