// Archived memories of a namespace.
CREATE INDEX memory_archiving IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.archived_at);
