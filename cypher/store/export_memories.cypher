// Memories of any lifetime in order of arrival, with all that is kept of them.
/* include page */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN /* include memory */,
  m.dedup_key AS dedup_key, m.consolidation_run AS run_id, m.arrival AS arrival,
  m.sayings AS sayings, m.replaced_by AS replaced_by, m.unread_in IS NOT NULL AS to_read,
  COLLECT {
    MATCH (m)-[r:SAYS_OF]->()
    RETURN /* include statement */ ORDER BY r.position
  } AS statements,
  CASE WHEN m.version_operation IS NOT NULL THEN COLLECT {
    /* include versions */
    RETURN version ORDER BY version.version
  } ELSE [] END AS versions
ORDER BY arrival;
