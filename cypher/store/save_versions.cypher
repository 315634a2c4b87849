// Keeps how memories were before, and what made the present version. Each row: memory_id, operation, at, actor, before
// (the earlier versions), is_changed (whether its content was).
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m.version_operation = row.operation, m.version_at = row.at, m.version_actor = row.actor,
    m.has_own_words = CASE WHEN row.is_changed THEN true END
WITH m, row
UNWIND row.before AS before
CREATE (m)-[:WAS]->(v:MemoryVersion)
SET v = before;
