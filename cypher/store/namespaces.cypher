// Names of the namespaces that hold a memory.
MATCH (n:Namespace)
WHERE n.name IS NOT NULL AND EXISTS { MATCH (m:Memory) WHERE m.namespace = n.name }
RETURN n.name AS name;
