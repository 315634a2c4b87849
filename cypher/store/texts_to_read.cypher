// What saving statements has to know of memories, in any order: what they say now, by which it is told whether that was
// read, and whether anything was read of them before.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
RETURN m.memory_id AS memory_id, m.content AS content, EXISTS { (m)-[:SAYS_OF]->() } AS states;
