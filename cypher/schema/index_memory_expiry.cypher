// Short-term memories of a namespace by their end.
CREATE INDEX memory_expiry IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.expires_at);
