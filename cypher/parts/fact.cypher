// Part: the columns in which statements return a fact f, with the memories that say so, the earliest first.
f {
    .fact_id, .subject, .subject_key, .attribute, .value, .value_key, .polarity, .valid_from, .valid_until,
    .known_from, .known_until, .confidence
  } AS fact,
  COLLECT { MATCH (m:Memory)-[r:STATES]->(f) RETURN m.memory_id ORDER BY r.position } AS memory_ids,
  head([(f)-[:ENDED_BY]->(m:Memory) | m.memory_id]) AS ended_by, f.over_since AS over_since,
  head([(f)-[:FOLLOWED_BY]->(following:Fact) | following.fact_id]) AS next_id
