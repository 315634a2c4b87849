// Removes up to $limit of the store's own vectors of items that are of another model than its own. Returns how many.
/* include lock_all */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (v:ItemVector)
USING INDEX v:ItemVector(model)
WHERE v.model IS NOT NULL AND v.own AND v.model <> meta.embedding_model
WITH v LIMIT $p.limit
DETACH DELETE v
RETURN count(*) AS cleared;
