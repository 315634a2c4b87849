// Adds to access counts, and puts off the end of memories that recalls keep, but of none that has ended already. Each
// row: memory_id, count.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m.access_count = m.access_count + row.count, m.last_accessed = $p.at, m.touched_at = $p.at,
    m.ends_at = CASE WHEN m.ends_at > $p.at AND m.ends_at < $p.at + m.refresh_seconds
      THEN $p.at + m.refresh_seconds ELSE m.ends_at END;
