// Items in the order of their last writes, with all that is kept of them.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (i:Item)
USING INDEX i:Item(namespace, position)
WHERE i.namespace = $p.namespace AND i.position > $p.after
WITH meta, i ORDER BY i.namespace, i.position LIMIT $p.limit
RETURN /* include item */,
  COLLECT {
    MATCH (i)-[:HAS_VECTOR]->(v:ItemVector)
    WHERE v.model = coalesce(i.embedder, meta.embedding_model)
    RETURN v.embedding ORDER BY v.number
  } AS vectors
ORDER BY position;
