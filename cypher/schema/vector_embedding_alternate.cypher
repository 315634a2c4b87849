// Vectors in `embedding_alternate`, searched with a filter after the search (Neo4j 5.26 to 2026.01).
CREATE VECTOR INDEX memory_embedding_alternate IF NOT EXISTS
FOR (m:Memory) ON m.embedding_alternate
OPTIONS $options;
