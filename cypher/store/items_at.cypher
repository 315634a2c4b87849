// Items by their positions, in any order.
UNWIND $p.positions AS position
MATCH (i:Item {namespace: $p.namespace, position: position})
RETURN /* include item */;
