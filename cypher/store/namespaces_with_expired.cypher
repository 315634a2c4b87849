// Names of the namespaces that hold a memory whose time is over, a short-term or a long-term one.
MATCH (n:Namespace)
WHERE n.name IS NOT NULL
  AND (
    EXISTS {
      MATCH (m:Memory)
      USING INDEX m:Memory(namespace, expires_at)
      WHERE m.namespace = n.name AND m.expires_at <= $p.now
    }
    OR EXISTS {
      MATCH (m:Memory)
      USING INDEX m:Memory(namespace, ends_at)
      WHERE m.namespace = n.name AND m.ends_at <= $p.now
    }
  )
RETURN n.name AS name;
