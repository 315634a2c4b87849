// What a run has counted, as JSON.
MATCH (run:MaintenanceRun {run_id: $p.run_id})
RETURN run.summary AS summary;
