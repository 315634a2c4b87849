// Puts facts in their place among those of their subject's attribute, and joins them to the one that followed, or with
// null to none. Each row: fact_id, position, next_id.
UNWIND $p.rows AS row
MATCH (f:Fact {namespace: $p.namespace, fact_id: row.fact_id})
SET f.position = row.position
WITH f, row
CALL (f) {
  MATCH (f)-[r:FOLLOWED_BY]->()
  DELETE r
}
MATCH (following:Fact {namespace: $p.namespace, fact_id: row.next_id})
CREATE (f)-[:FOLLOWED_BY]->(following);
