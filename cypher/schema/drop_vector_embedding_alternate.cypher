// Removes the index over `embedding_alternate`.
DROP INDEX memory_embedding_alternate IF EXISTS;
