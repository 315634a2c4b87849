// Removes facts by id.
UNWIND $p.fact_ids AS id
MATCH (f:Fact {namespace: $p.namespace, fact_id: id})
DETACH DELETE f;
