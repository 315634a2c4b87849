// Keeps how memories are before they change.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
/* include keep_version */;
