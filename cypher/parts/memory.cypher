// Part: the columns in which statements return a memory m; meta is the store's description.
m {
    /* include fields */
  } AS memory,
  [(m)-[r:MENTIONS]->(e:Entity) | {key: e.key, name: r.name, label: r.label}] AS entities,
  COLLECT {
    MATCH (m)-[:POSSIBLY_OUTDATED_BY]->(newer:Memory)
    WHERE newer.scope IS NOT NULL
    RETURN newer.memory_id ORDER BY newer.arrival
  } AS newer_ids,
  CASE WHEN m.over_share = 1.0 THEN m.over_since END AS valid_until, m.over_by AS superseded_by,
  CASE WHEN $p.with_embedding THEN m[meta.vector_property] END AS embedding
