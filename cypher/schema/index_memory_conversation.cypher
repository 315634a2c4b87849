// Live long-term memories of a conversation by time, then arrival.
CREATE INDEX memory_conversation IF NOT EXISTS
FOR (m:Memory) ON (m.scope, m.conversation_id, m.epoch, m.arrival);
