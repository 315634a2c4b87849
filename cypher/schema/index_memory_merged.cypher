// Archived originals of a namespace by the memory they were merged into.
CREATE INDEX memory_merged IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.consolidated_into);
