// Links from older statements to newer ones by the run that made them.
CREATE INDEX outdated_run IF NOT EXISTS
FOR ()-[r:POSSIBLY_OUTDATED_BY]-() ON (r.run_id);
