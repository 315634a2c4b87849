// Joins memories that are alike. Each row: namespace, source_id, target_id, properties.
UNWIND $rows AS row
MATCH (a:Memory {namespace: row.namespace, memory_id: row.source_id})
MATCH (b:Memory {namespace: row.namespace, memory_id: row.target_id})
MERGE (a)-[link:SIMILAR_TO]->(b)
SET link += row.properties;
