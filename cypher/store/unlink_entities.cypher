// Removes the mentions of memories, and the entities that nothing mentions any more, except for those whose keys are
// in $kept_keys. Returns how many mentions, and how many entities.
CALL () {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})-[r:MENTIONS]->(e:Entity)
  WITH e, collect(r) AS gone, sum(CASE WHEN m.scope IS NULL THEN 0 ELSE 1 END) AS live
  SET e.mention_count = e.mention_count - live
  FOREACH (r IN gone | DELETE r)
  RETURN e, size(gone) AS mentions
}
WITH collect(e) AS touched, sum(mentions) AS mentions
CALL (touched) {
  UNWIND touched AS e
  WITH e
  WHERE NOT e.key IN $p.kept_keys AND NOT EXISTS { (e)<-[:MENTIONS]-() }
  DELETE e
  RETURN count(*) AS entities
}
RETURN mentions, entities;
