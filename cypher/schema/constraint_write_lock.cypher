// Locks that writing transactions take, each of them once.
CREATE CONSTRAINT write_lock IF NOT EXISTS
FOR (lock:WriteLock) REQUIRE lock.name IS UNIQUE;
