// Sets what a run has counted, as JSON.
MATCH (run:MaintenanceRun {run_id: $p.run_id})
SET run.summary = $p.summary;
