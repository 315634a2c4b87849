// Vectors in `embedding`, with the properties a search filters by inside the index (Neo4j 2026.02 and later).
CYPHER 25
CREATE VECTOR INDEX memory_embedding IF NOT EXISTS
FOR (m:Memory) ON m.embedding WITH [m.scope, m.epoch]
OPTIONS $options;
