// Adds to access counts. Each row: memory_id, count.
UNWIND $rows AS row
MATCH (m:Memory {namespace: $namespace, memory_id: row.memory_id})
SET m.access_count = m.access_count + row.count, m.last_accessed = $at, m.touched_at = $at;
