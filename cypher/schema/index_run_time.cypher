// Runs of all jobs by time.
CREATE INDEX maintenance_run_time IF NOT EXISTS
FOR (run:MaintenanceRun) ON (run.started_at, run.run_id);
