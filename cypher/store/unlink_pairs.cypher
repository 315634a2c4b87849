// Removes links between memories, those between similar ones in either direction. Each row: source_id, target_id, kind.
UNWIND $p.rows AS row
MATCH (source:Memory {namespace: $p.namespace, memory_id: row.source_id})
MATCH (target:Memory {namespace: $p.namespace, memory_id: row.target_id})
MATCH (source)-[link:SIMILAR_TO|POSSIBLY_OUTDATED_BY]-(target)
WHERE type(link) = row.kind AND (row.kind = 'SIMILAR_TO' OR startNode(link) = source)
DELETE link;
