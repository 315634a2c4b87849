// Memories by id, in any order, with all that is kept of them but their vectors.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
RETURN /* include memory */,
  m.dedup_key AS dedup_key, m.consolidation_run AS run_id, m.arrival AS arrival,
  m.sayings AS sayings, m.replaced_by AS replaced_by, m.unread_in IS NOT NULL AS to_read;
