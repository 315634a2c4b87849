// Records the model whose vectors are to gather.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
SET meta.pending_model = $model, meta.pending_dimension = $dimension;
