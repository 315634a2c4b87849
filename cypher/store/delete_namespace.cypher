// Removes the node of a namespace that holds no memory any more, with its settings, its facts and the runs of its jobs;
// and leases that nobody holds, whose names may hold its name.
MATCH (n:Namespace {name: $p.namespace})
DELETE n
WITH 1 AS done
CALL () {
  MATCH (s:Setting)
  USING INDEX s:Setting(namespace, key)
  WHERE s.namespace = $p.namespace AND s.key IS NOT NULL
  DELETE s
}
CALL () {
  MATCH (f:Fact)
  USING INDEX f:Fact(namespace, subject_key, attribute)
  WHERE f.namespace = $p.namespace AND f.subject_key IS NOT NULL AND f.attribute IS NOT NULL
  DETACH DELETE f
}
CALL () {
  MATCH (s:Subject)
  USING INDEX s:Subject(namespace, key)
  WHERE s.namespace = $p.namespace AND s.key IS NOT NULL
  DETACH DELETE s
}
/* include lock */
WITH 1 AS done
CALL () {
  MATCH (run:MaintenanceRun)
  USING INDEX run:MaintenanceRun(started_at, run_id)
  WHERE run.started_at IS NOT NULL AND run.run_id IS NOT NULL AND run.namespace = $p.namespace
  DELETE run
}
CALL () {
  MATCH (lease:MaintenanceLease)
  USING INDEX lease:MaintenanceLease(name)
  WHERE lease.name IS NOT NULL AND coalesce(lease.expires_at <= datetime.realtime(), true)
  // Locked and looked at again: it may have been taken meanwhile, or removed, which writing to it does not say.
  SET lease.asked_at = datetime.realtime()
  WITH lease
  WHERE lease.asked_at IS NOT NULL AND coalesce(lease.expires_at <= lease.asked_at, true)
  DELETE lease
};
