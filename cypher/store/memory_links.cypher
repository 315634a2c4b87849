// Links of some kinds from or to any of the memories, by source, target and kind.
UNWIND $p.memory_ids AS id
MATCH (:Memory {namespace: $p.namespace, memory_id: id})-[link:SIMILAR_TO|POSSIBLY_OUTDATED_BY]-(:Memory)
WHERE type(link) IN $p.kinds
WITH DISTINCT link, startNode(link) AS source, endNode(link) AS target
RETURN source.memory_id AS source_id, target.memory_id AS target_id, type(link) AS kind, link.score AS score,
  link.guard AS guard, link.reason AS reason, link.created_at AS created_at, link.run_id AS run_id
ORDER BY source_id, target_id, kind;
