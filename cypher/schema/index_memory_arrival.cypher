// All memories of a namespace in order of arrival.
CREATE INDEX memory_arrival IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.arrival);
