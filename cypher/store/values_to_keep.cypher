// Memories of a namespace without what filters ask for, as older versions left them, among the next $limit in order of
// arrival. Returns the arrival of the last one that was looked at as well, null where there are no more.
/* include page */
RETURN max(m.arrival) AS position, collect(CASE WHEN m.value_keys IS NULL THEN m {
  .memory_id, .memory_type, .metadata, .conversation_id, entity_keys: [(m)-[:MENTIONS]->(e:Entity) | e.key]
} END) AS memories;
