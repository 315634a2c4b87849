// Memories of a namespace that do not hold any more by the memory that says what holds instead.
CREATE INDEX memory_over IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.over_by);
