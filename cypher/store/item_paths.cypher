// Paths that begin with a prefix and hold an item whose time is not over.
MATCH (p:ItemPath)
USING INDEX p:ItemPath(namespace, path)
WHERE p.namespace = $p.namespace AND p.path STARTS WITH $p.prefix
  AND EXISTS { (p)<-[:KEPT_IN]-(i:Item) WHERE i.expires_at IS NULL OR i.expires_at > $p.now }
RETURN p.path AS path;
