// Removes links from memories that are as new as what may outdate them.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})-[r:POSSIBLY_OUTDATED_BY]-()
WITH DISTINCT r
WHERE startNode(r).epoch >= endNode(r).epoch
DELETE r;
