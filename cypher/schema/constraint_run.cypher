// A run of a maintenance job exists once.
CREATE CONSTRAINT maintenance_run_id IF NOT EXISTS
FOR (run:MaintenanceRun) REQUIRE run.run_id IS UNIQUE;
