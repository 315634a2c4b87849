// Part: waits for a lock and takes it, until the transaction ends. A transaction that writes to a node twice meets
// another that waits for that node in a deadlock. So a transaction takes a lock once, and nothing else is on its node.
MATCH (lock:WriteLock {name: $p.lock})
SET lock.taken = lock.taken + 1
WITH lock
