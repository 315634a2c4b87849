// Sets properties of one memory. A property of null is removed.
MATCH (m:Memory {namespace: $namespace, memory_id: $memory_id})
SET m += $properties;
