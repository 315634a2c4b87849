// Names of the namespaces that hold a memory or an item.
MATCH (n:Namespace)
WHERE n.name IS NOT NULL
  AND (
    EXISTS {
      MATCH (m:Memory)
      USING INDEX m:Memory(namespace, epoch, arrival)
      WHERE m.namespace = n.name AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
    }
    OR EXISTS {
      MATCH (i:Item)
      USING INDEX i:Item(namespace, position)
      WHERE i.namespace = n.name AND i.position IS NOT NULL
    }
  )
RETURN n.name AS name;
