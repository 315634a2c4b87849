// Memories by id, in any order.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
RETURN /* include memory */;
