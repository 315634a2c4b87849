// Adds to access counts, and puts off the end of memories that recalls keep, but of none that has ended already. Each
// row: memory_id, count.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m.access_count = m.access_count + row.count, m.last_accessed = $p.at, m.touched_at = $p.at
WITH m, $p.at + m.refresh_seconds AS kept_until
WHERE kept_until IS NOT NULL
SET m.ends_at = CASE WHEN $p.at < m.ends_at < kept_until THEN kept_until ELSE m.ends_at END,
    m.expires_at = CASE WHEN $p.at < m.expires_at < kept_until THEN kept_until ELSE m.expires_at END;
