// Part: waits for all locks and takes them, in the order in which everybody takes more than one.
CALL () {
  MATCH (lock:WriteLock)
  WHERE lock.name IS NOT NULL
  WITH lock ORDER BY lock.name
  SET lock.taken = lock.taken + 1
  RETURN count(lock) AS locks
}
