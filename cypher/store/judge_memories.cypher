// What tells whether memories are over, in any order: what was done by hand, and the facts that they say.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
RETURN m.memory_id AS memory_id, m.arrival AS arrival, m.last_said_at AS last_said_at, m.standing AS standing,
  m.standing_at AS standing_at, m.replaced_by AS superseded_by,
  m.over_share AS over_share, m.over_since AS over_since, m.over_by AS over_by, m.over_known_from AS over_known_from,
  m.over_reason AS over_reason,
  COLLECT {
    MATCH (m)-[:STATES]->(f:Fact)
    RETURN f {
      .attribute, .over_since, .known_from, .known_until,
      ended_by: head([(f)-[:ENDED_BY]->(other:Memory) | other.memory_id])
    } ORDER BY f.fact_id
  } AS facts;
