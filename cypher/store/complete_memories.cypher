// Gives memories what they are found by, and what follows from their texts. Each row: memory_id, properties.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m += row.properties;
