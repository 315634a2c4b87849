// Part: items i of the namespace whose path begins with $prefix and whose time is not over.
MATCH (i:Item)
USING INDEX i:Item(namespace, path)
WHERE i.namespace = $p.namespace AND i.path STARTS WITH $p.prefix AND (i.expires_at IS NULL OR i.expires_at > $p.now)
