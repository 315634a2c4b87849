// The live long-term memories that have one of the deduplication keys.
UNWIND $p.dedup_keys AS key
MATCH (m:Memory {scope: $p.scope, dedup_key: key})
RETURN m.memory_id AS memory_id, m.dedup_key AS dedup_key;
