// Removes the full-text index.
DROP INDEX memory_text IF EXISTS;
