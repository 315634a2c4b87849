// Joins facts to the one that followed, or with null to none. Each row: fact_id, next_id.
UNWIND $p.rows AS row
MATCH (f:Fact {namespace: $p.namespace, fact_id: row.fact_id})
CALL (f) {
  MATCH (f)-[r:FOLLOWED_BY]->()
  DELETE r
}
MATCH (following:Fact {namespace: $p.namespace, fact_id: row.next_id})
CREATE (f)-[:FOLLOWED_BY]->(following);
