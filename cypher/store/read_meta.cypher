// What the store records about itself; no row before it is set up.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
RETURN meta.schema_version AS schema_version, meta.embedding_model AS embedding_model, meta.dimension AS dimension,
  meta.vector_property AS vector_property, meta.pending_model AS pending_model,
  meta.pending_dimension AS pending_dimension, COUNT { (:WriteLock) } AS locks;
