// Names of the namespaces that hold a memory.
MATCH (n:Namespace)
WHERE n.name IS NOT NULL AND EXISTS {
    MATCH (m:Memory)
    USING INDEX m:Memory(namespace, epoch, arrival)
    WHERE m.namespace = n.name AND m.epoch IS NOT NULL AND m.arrival IS NOT NULL
  }
RETURN n.name AS name;
