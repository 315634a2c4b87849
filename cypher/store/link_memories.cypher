// Joins memories to similar or newer ones, where no link of the kind joins the two; two that are similar have one link
// in either direction. Each row, every pair once: source_id, target_id, kind, properties. Returns how many are new.
UNWIND $p.rows AS row
MATCH (source:Memory {namespace: $p.namespace, memory_id: row.source_id})
MATCH (target:Memory {namespace: $p.namespace, memory_id: row.target_id})
WHERE source <> target
  AND (row.kind <> 'SIMILAR_TO' OR NOT EXISTS { (source)-[:SIMILAR_TO]-(target) })
  AND (row.kind <> 'POSSIBLY_OUTDATED_BY' OR NOT EXISTS { (source)-[:POSSIBLY_OUTDATED_BY]->(target) })
CREATE (source)-[link:$(row.kind)]->(target)
SET link = row.properties
RETURN count(link) AS links;
