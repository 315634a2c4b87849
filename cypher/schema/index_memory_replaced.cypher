// Memories of a namespace that somebody replaced by hand by the memory that stands in their place.
CREATE INDEX memory_replaced IF NOT EXISTS
FOR (m:Memory) ON (m.namespace, m.replaced_by);
