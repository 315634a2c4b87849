// The number of a namespace's last change; 0 where it holds no memory.
MATCH (n:Namespace {name: $p.namespace})
RETURN CASE
    WHEN EXISTS {
      MATCH (m:Memory)
      USING INDEX m:Memory(namespace, arrival)
      WHERE m.namespace = n.name AND m.arrival IS NOT NULL
    } THEN coalesce(n.revision, 1)
    ELSE 0
  END AS revision;
