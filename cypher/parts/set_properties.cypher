// Part: sets properties of memories m. The time of the last change never goes back.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
WITH m, row, m.changed_at AS before
SET m += row.properties
SET m.changed_at = CASE WHEN before > m.changed_at THEN before ELSE m.changed_at END
