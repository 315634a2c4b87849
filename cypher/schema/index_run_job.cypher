// Runs of a job by time.
CREATE INDEX maintenance_run_job IF NOT EXISTS
FOR (run:MaintenanceRun) ON (run.job, run.started_at);
