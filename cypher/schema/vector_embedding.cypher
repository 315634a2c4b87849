// Vectors in `embedding`, searched with a filter after the search (Neo4j 5.26 to 2026.01).
CREATE VECTOR INDEX memory_embedding IF NOT EXISTS
FOR (m:Memory) ON m.embedding
OPTIONS $options;
