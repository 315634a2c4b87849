// Memories whose statements are still to be read by namespace, in order of arrival: only theirs have the property.
CREATE INDEX memory_unread IF NOT EXISTS
FOR (m:Memory) ON (m.unread_in, m.arrival);
