// Names of the namespaces that hold an item whose time is over.
MATCH (n:Namespace)
WHERE n.name IS NOT NULL
  AND EXISTS {
    MATCH (i:Item)
    USING INDEX i:Item(namespace, expires_at)
    WHERE i.namespace = n.name AND i.expires_at <= $p.now
  }
RETURN n.name AS name;
