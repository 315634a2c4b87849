// Long-term memories of a namespace that end, by their end.
CREATE INDEX memory_end IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.ends_at);
