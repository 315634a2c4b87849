// Live long-term memories of a namespace by time, then arrival.
CREATE INDEX memory_live_time IF NOT EXISTS
FOR (m:Memory) ON (m.scope, m.epoch, m.arrival);
