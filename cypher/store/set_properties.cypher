// Sets properties of memories. Each row: memory_id, properties. A property of null is removed.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m += row.properties;
