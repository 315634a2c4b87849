// Joins memories to those that replace them by hand, where one of the two is new.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
CALL (m) {
  MATCH (other:Memory {namespace: $p.namespace, memory_id: m.replaced_by})
  RETURN m AS replaced, other
  UNION
  MATCH (replaced:Memory)
  USING INDEX replaced:Memory(namespace, replaced_by)
  WHERE replaced.namespace = $p.namespace AND replaced.replaced_by = m.memory_id
  RETURN replaced, m AS other
}
WITH DISTINCT replaced, other
MERGE (replaced)-[r:SUPERSEDED_BY]->(other)
SET r.at = replaced.standing_at;
