// Sets what storing the same content again changes. Each row: memory_id, properties.
UNWIND $rows AS row
MATCH (m:Memory {namespace: $namespace, memory_id: row.memory_id})
SET m += row.properties;
