// Makes the locks of writing transactions, those that are missing.
UNWIND $p.names AS name
MERGE (lock:WriteLock {name: name})
  ON CREATE SET lock.taken = 0;
