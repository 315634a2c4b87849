// Memories of any lifetime in order of arrival, with all that is kept of them.
/* include page */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */,
  m.dedup_key AS dedup_key, m.consolidation_run AS run_id, m.arrival AS arrival,
  m.sayings AS sayings
ORDER BY arrival;
