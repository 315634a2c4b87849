// Keeps a run of a job, and removes the oldest ones of the job beyond the number that is kept.
MERGE (run:MaintenanceRun {run_id: $p.run_id})
SET run = $p.properties
WITH run
CALL (run) {
  MATCH (old:MaintenanceRun)
  USING INDEX old:MaintenanceRun(job, started_at)
  WHERE old.job = run.job AND old.started_at IS NOT NULL
  WITH old ORDER BY old.job DESC, old.started_at DESC SKIP $p.kept
  DELETE old
};
