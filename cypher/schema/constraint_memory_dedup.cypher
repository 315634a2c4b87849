// Live long-term memories with the same deduplication key are one.
CREATE CONSTRAINT memory_dedup_key IF NOT EXISTS
FOR (m:Memory) REQUIRE (m.scope, m.dedup_key) IS UNIQUE;
