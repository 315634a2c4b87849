// Gives memories the text by which they are found and what is counted of it. Each row: memory_id, properties.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
SET m += row.properties;
