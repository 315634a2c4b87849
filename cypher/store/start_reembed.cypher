// Records the model whose vectors are to gather.
/* include lock_all */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
SET meta.pending_model = $p.model, meta.pending_dimension = $p.dimension;
