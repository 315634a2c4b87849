// Joins the live long-term memories of each conversation to the next one by time, then arrival. Each row: namespace.
UNWIND $rows AS row
MATCH (c:Conversation {namespace: row.namespace})<-[:PART_OF]-(m:Memory)
WHERE m.scope IS NOT NULL
WITH c, m ORDER BY m.epoch, m.arrival
WITH c, collect(m) AS chain
UNWIND range(0, size(chain) - 2) AS i
WITH chain[i] AS m, chain[i + 1] AS following
MERGE (m)-[:NEXT]->(following);
