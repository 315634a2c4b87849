// Live long-term memories of a namespace by the time at which they were stored or last changed.
CREATE INDEX memory_changes IF NOT EXISTS
FOR (m:Memory) ON (m.scope, m.changed_at);
