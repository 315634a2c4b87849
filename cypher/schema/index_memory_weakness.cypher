// Live long-term memories of a namespace, the weakest first.
CREATE INDEX memory_weakness IF NOT EXISTS
FOR (m:Memory) ON (m.scope, m.importance_score, m.touched_at, m.arrival);
