// Looks at up to $limit items of a namespace in the order of their last writes. Returns the position of the last one
// (null where there are no more), how many of them have expired, how many lack vectors of the store's model, and the
// ids of those that have wrong ones. A number that is not finite is not itself when it is taken from itself.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (i:Item)
USING INDEX i:Item(namespace, position)
WHERE i.namespace = $p.namespace AND i.position > $p.after
WITH meta, i ORDER BY i.namespace, i.position LIMIT $p.limit
WITH i,
  i.own_texts > COUNT { MATCH (i)-[:HAS_VECTOR]->(v:ItemVector) WHERE v.model = meta.embedding_model } AS lacking,
  EXISTS {
    MATCH (i)-[:HAS_VECTOR]->(v:ItemVector)
    WHERE v.own AND v.model = meta.embedding_model
      AND (size(v.embedding) <> meta.dimension OR any(x IN v.embedding WHERE isNaN(x - x)))
  } AS wrong, meta.embedding_model IS NOT NULL AS has_model
RETURN max(i.position) AS position,
  count(CASE WHEN i.expires_at <= $p.now THEN 1 END) AS expired,
  count(CASE WHEN lacking AND has_model THEN 1 END) AS lacking,
  collect(CASE WHEN wrong THEN i.item_id END) AS wrong;
