// Links between similar memories by the run that made them.
CREATE INDEX similar_run IF NOT EXISTS
FOR ()-[r:SIMILAR_TO]-() ON (r.run_id);
