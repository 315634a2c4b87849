// All memories of a namespace by time, then arrival.
CREATE INDEX memory_time IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.epoch, m.arrival);
