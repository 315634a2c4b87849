// Removes up to $limit passages, of any namespace, with vectors of another model than the store's. Returns how many.
/* include lock_all */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (p:Passage)
USING INDEX p:Passage(namespace, first)
WHERE p.namespace IS NOT NULL AND p.first IS NOT NULL AND p.model <> meta.embedding_model
WITH p LIMIT $p.limit
DETACH DELETE p
RETURN count(*) AS cleared;
