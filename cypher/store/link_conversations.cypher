// Joins memories to their conversations. Each row: conversation_id, memory_ids.
UNWIND $p.rows AS row
MERGE (c:Conversation {namespace: $p.namespace, conversation_id: row.conversation_id})
WITH c, row
UNWIND row.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
CREATE (m)-[:PART_OF]->(c);
