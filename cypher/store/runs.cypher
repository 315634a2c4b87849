// Runs of jobs that match, the newest first.
MATCH (run:MaintenanceRun)
USING INDEX run:MaintenanceRun(started_at, run_id)
WHERE run.started_at IS NOT NULL AND run.run_id IS NOT NULL
  AND ($p.job IS NULL OR run.job = $p.job)
  AND ($p.of_namespace IS NULL OR run.namespace = $p.of_namespace)
  AND ($p.run_id IS NULL OR run.run_id = $p.run_id)
RETURN properties(run) AS run ORDER BY run.started_at DESC, run.run_id DESC LIMIT $p.limit;
