// Vectors in `embedding_alternate`, with the properties a search filters by inside the index (Neo4j 2026.02 and later).
CYPHER 25
CREATE VECTOR INDEX memory_embedding_alternate IF NOT EXISTS
FOR (m:Memory) ON m.embedding_alternate WITH [m.scope, m.epoch]
OPTIONS $options;
