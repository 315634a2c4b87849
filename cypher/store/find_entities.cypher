// Entities by key, in any order.
UNWIND $p.keys AS key
MATCH (e:Entity {namespace: $p.namespace, key: key})
RETURN e.key AS key, e.name AS name, e.label AS label, e.mention_count AS mention_count;
