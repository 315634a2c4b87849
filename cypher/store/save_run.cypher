// Keeps a run of a job, and removes the oldest ones of the job beyond the number that is kept. Runs of all
// namespaces go here, so whoever removes some waits for a lock. Returns its id; no row where there is no lock.
/* include lock */
MERGE (run:MaintenanceRun {run_id: $p.run_id})
SET run = $p.properties
WITH run
CALL (run) {
  MATCH (old:MaintenanceRun)
  USING INDEX old:MaintenanceRun(job, started_at)
  WHERE old.job = run.job AND old.started_at IS NOT NULL
  WITH old ORDER BY old.job DESC, old.started_at DESC SKIP $p.kept
  DELETE old
}
RETURN $p.run_id AS run_id;
