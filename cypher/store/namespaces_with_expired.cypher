// Names of the namespaces that hold a short-term memory whose time is over.
MATCH (n:Namespace)
WHERE n.name IS NOT NULL
  AND EXISTS {
    MATCH (m:Memory)
    USING INDEX m:Memory(namespace, expires_at)
    WHERE m.namespace = n.name AND m.expires_at <= $p.now
  }
RETURN n.name AS name;
