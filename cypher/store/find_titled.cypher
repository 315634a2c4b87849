// The memories that have one of the entities as a title. Entities with more mentions are passed over.
UNWIND $p.keys AS key
MATCH (e:Entity {namespace: $p.namespace, key: key})
WHERE e.mention_count <= $p.max_mentions
MATCH ()-[r:MENTIONS]->()
USING INDEX r:MENTIONS(scope, entity, epoch)
WHERE r.scope = $p.scope AND r.entity = e.number AND r.epoch IS NOT NULL AND r.label = $p.title_label
WITH e, startNode(r) AS m
WHERE /* include filter */
RETURN m.memory_id AS memory_id, e.key AS key;
