// Records the embedding model where none is recorded, or where no vector of the recorded one is left.
// Returns whether the store takes vectors of the model, and whether an index of another dimension is in the way.
/* include lock_all */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WITH meta,
  (meta.embedding_model IS NULL OR $p.model IS NULL OR meta.embedding_model = $p.model)
    AND (meta.dimension IS NULL OR meta.dimension = $p.dimension) AS same,
  meta.dimension <> $p.dimension AS resized
WITH meta, resized, CASE
    WHEN same THEN true
    ELSE NOT EXISTS { MATCH (m:Memory) WHERE m[meta.vector_property] IS NOT NULL }
      AND NOT EXISTS { MATCH (v:ItemVector) WHERE v.model = meta.embedding_model AND v.own }
  END AS fits
SET meta.embedding_model = CASE WHEN fits THEN coalesce($p.model, meta.embedding_model) ELSE meta.embedding_model END,
    meta.dimension = CASE WHEN fits THEN $p.dimension ELSE meta.dimension END
RETURN fits, fits AND coalesce(resized, false) AS rebuild, meta.embedding_model AS embedding_model,
  meta.dimension AS dimension, meta.vector_property AS vector_property;
