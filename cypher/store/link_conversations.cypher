// Joins memories to their conversations. Each row: conversation_id, memory_ids.
UNWIND $rows AS row
MERGE (c:Conversation {namespace: $namespace, conversation_id: row.conversation_id})
WITH c, row
UNWIND row.memory_ids AS id
MATCH (m:Memory {namespace: $namespace, memory_id: id})
CREATE (m)-[:PART_OF]->(c);
