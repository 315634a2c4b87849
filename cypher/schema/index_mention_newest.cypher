// Mentions of an entity by live long-term memories, by time: only theirs have a scope.
CREATE INDEX mention_newest IF NOT EXISTS
FOR ()-[r:MENTIONS]-() ON (r.scope, r.entity, r.epoch);
