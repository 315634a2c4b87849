// Puts memories into search that were short-term or archived. Each row: memory_id, and the properties to set; one whose
// scope is null among them stays out of search. The time of the last change never goes back.
/* include set_properties */
WITH m
CALL (m) {
  MATCH (m)-[r:MENTIONS]->(e:Entity)
  WHERE m.scope IS NOT NULL
  SET e.mention_count = e.mention_count + 1, r.scope = m.scope
};
