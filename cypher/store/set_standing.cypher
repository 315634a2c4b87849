// Notes what somebody says of a memory by hand, in place of what was said before.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
SET m.standing = $p.standing, m.standing_at = $p.standing_at
WITH m
CALL (m) {
  MATCH (m)-[r:SUPERSEDED_BY]->()
  DELETE r
}
MATCH (other:Memory {namespace: $p.namespace, memory_id: $p.superseded_by})
CREATE (m)-[:SUPERSEDED_BY {at: $p.standing_at}]->(other);
