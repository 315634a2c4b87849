// Removes the node of a namespace that holds nothing any more.
MATCH (n:Namespace {name: $p.namespace})
DELETE n;
