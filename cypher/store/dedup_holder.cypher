// The live long-term memory with a deduplication key, if there is one.
MATCH (m:Memory {scope: $p.scope, dedup_key: $p.dedup_key})
RETURN m.memory_id AS memory_id;
