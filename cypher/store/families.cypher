// Memories with their families, by arrival: what they were merged into and made of, over all generations. Ids that do
// not exist are passed over.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
OPTIONAL MATCH (m)-[:CONSOLIDATED_INTO*0..]->(top:Memory)
WHERE NOT EXISTS { (top)-[:CONSOLIDATED_INTO]->() }
WITH DISTINCT coalesce(top, m) AS top
MATCH (top)<-[:CONSOLIDATED_INTO*0..]-(m:Memory)
WITH DISTINCT m
RETURN m.memory_id AS memory_id, head([(m)-[:CONSOLIDATED_INTO]->(merged:Memory) | merged.memory_id]) AS merged_into,
  m.conversation_id AS conversation_id
ORDER BY m.arrival;
