// Joins memories to the entities they mention. Each row, sorted by key: key, name, label, number (for one that is new),
// live (how many of its mentions are by live long-term memories), and the mentions with memory_id, name and label.
UNWIND $p.rows AS row
MERGE (e:Entity {namespace: $p.namespace, key: row.key})
  ON CREATE SET e.name = row.name, e.label = row.label, e.number = row.number, e.mention_count = 0
SET e.mention_count = e.mention_count + row.live
WITH e, row
UNWIND row.mentions AS mention
MATCH (m:Memory {namespace: $p.namespace, memory_id: mention.memory_id})
CREATE (m)-[:MENTIONS {
  name: mention.name, label: mention.label, scope: m.scope, entity: e.number, epoch: m.epoch
}]->(e);
