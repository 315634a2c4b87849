// Adds to access counts. Each row: memory_id, count.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m.access_count = m.access_count + row.count, m.last_accessed = $p.at, m.touched_at = $p.at;
