// Sets properties of one memory. A property of null is removed.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
SET m += $p.properties;
