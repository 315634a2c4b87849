// Entities by key, in any order.
UNWIND $p.keys AS key
MATCH (e:Entity {namespace: $p.namespace, key: key})
RETURN /* include entity */;
