// Puts the vectors of the pending model in place of the others, if every memory has one and every item those it is to
// have. Takes all locks first, so that nothing is written meanwhile. Returns how many memories and items lack some.
/* include lock_all */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
CALL () {
  MATCH (n:Namespace)
  WHERE n.name IS NOT NULL
  SET n.revision = coalesce(n.revision, timestamp()) + 1
}
CALL (meta) {
  MATCH (m:Memory)
  WHERE m[$p.vector_property] IS NULL OR size(m[$p.vector_property]) <> meta.pending_dimension
  RETURN count(m) AS memories
}
CALL (meta) {
  MATCH (i:Item)
  USING INDEX i:Item(own_texts)
  WHERE i.own_texts IS NOT NULL
  WITH i.own_texts AS due,
    COUNT { MATCH (i)-[:HAS_VECTOR]->(v:ItemVector) WHERE v.model = meta.pending_model } AS kept
  WHERE kept < due
  RETURN count(*) AS items
}
WITH meta, memories + items AS pending
FOREACH (done IN CASE WHEN pending = 0 THEN [1] ELSE [] END |
  SET meta.vector_property = $p.vector_property, meta.embedding_model = meta.pending_model,
      meta.dimension = meta.pending_dimension, meta.pending_model = null, meta.pending_dimension = null
)
RETURN pending;
