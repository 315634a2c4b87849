// Up to $limit live long-term memories that the full-text index cannot find, with their contents.
MATCH (m:Memory)
USING INDEX m:Memory(scope, epoch, arrival)
WHERE m.scope = $p.scope AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL AND m.search_text IS NULL
RETURN m.memory_id AS memory_id, m.content AS content
LIMIT $p.limit;
