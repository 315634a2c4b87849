// Records the model whose vectors are to gather.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
SET meta.pending_model = $p.model, meta.pending_dimension = $p.dimension;
