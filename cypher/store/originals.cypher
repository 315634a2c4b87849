// What undoing a merge has to know of the originals that are still kept, by arrival.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, consolidated_into)
WHERE m.namespace = $p.namespace AND m.consolidated_into = $p.merged_id
RETURN m.memory_id AS memory_id, m.dedup_key AS dedup_key, m.conversation_id AS conversation_id, m.epoch AS epoch,
  m.arrival AS arrival
ORDER BY arrival;
