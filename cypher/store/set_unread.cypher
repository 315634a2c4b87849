// Has the statements of memories read, or with null not.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
SET m.unread_in = $p.unread_in;
