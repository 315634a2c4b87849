// Grows with every write of an item of the namespace.
MATCH (n:Namespace {name: $p.namespace})
RETURN coalesce(n.item_revision, 0) AS revision;
