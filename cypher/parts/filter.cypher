// Part: what a memory m has to be for a filter. All statements with a filter include it, so that all mean the same.
m.memory_type IN $p.memory_types
AND $p.min_importance <= m.importance_score <= $p.max_importance
AND $p.since <= m.epoch < $p.until
AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
AND /* include lasting */
AND all(token IN $p.metadata WHERE token IN m.metadata_index)
AND /* include condition */
