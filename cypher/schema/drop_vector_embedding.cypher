// Removes the index over `embedding`.
DROP INDEX memory_embedding IF EXISTS;
