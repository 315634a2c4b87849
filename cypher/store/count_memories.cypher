// How many memories match.
MATCH (m:Memory)
WHERE m.namespace = $namespace
  AND (m.expires_at IS NULL OR ($lifetime <> 'long_term' AND m.expires_at > $now))
  AND (m.expires_at IS NOT NULL OR $lifetime <> 'short_term')
  AND ($archived IS NULL OR $archived = (m.archived_at IS NOT NULL))
  AND m.memory_type IN $memory_types
  AND $min_importance <= m.importance_score <= $max_importance
  AND $since <= m.epoch < $until
  AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
  AND all(token IN $metadata WHERE token IN m.metadata_index)
RETURN count(m) AS memories;
