// Live long-term memories of a namespace by who said them.
CREATE INDEX memory_speaker IF NOT EXISTS
FOR (m:Memory) ON (m.scope, m.speaker);
