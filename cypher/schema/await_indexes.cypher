// Waits until all indexes are filled, at most $seconds.
CALL db.awaitIndexes($seconds);
