// Makes memories, their conversations, and the entities they mention. Each row: properties, label, timestamp
// (ISO 8601), conversation_id or null, and the entities it mentions, each with key, its own name and label,
// mention_count, and the name and label it is mentioned by.
UNWIND $rows AS row
MERGE (m:Memory {namespace: row.properties.namespace, memory_id: row.properties.memory_id})
SET m += row.properties, m:$(row.label), m.timestamp = datetime(row.timestamp)
FOREACH (id IN CASE WHEN row.conversation_id IS NULL THEN [] ELSE [row.conversation_id] END |
  MERGE (c:Conversation {namespace: m.namespace, conversation_id: id})
  MERGE (m)-[:PART_OF]->(c)
)
FOREACH (entity IN row.entities |
  MERGE (e:Entity {namespace: m.namespace, key: entity.key})
  SET e.name = entity.name, e.label = entity.label, e.mention_count = entity.mention_count
  MERGE (m)-[mentions:MENTIONS]->(e)
  SET mentions.name = entity.mentioned_name, mentions.label = entity.mentioned_label
);
