// Memories of a namespace of more than $long characters that nobody says and that have no passages with vectors of the
// store's model, among the next $limit in order of arrival. Returns the arrival of the last one that was looked at as
// well, null where there are no more.
/* include page */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN max(m.arrival) AS position,
  collect(CASE WHEN size(m.content) > $p.long AND m.speaker IS NULL
    AND NOT EXISTS { MATCH (m)-[:HAS_PASSAGE]->(p:Passage) WHERE /* include comparable */ }
    THEN [m.arrival, m.memory_id, m.content] END) AS memories;
