// The same for writes that only change what is there: no row where the namespace does not exist.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (n:Namespace {name: $p.namespace})
SET n.writes = n.writes + 1
WITH n, meta
OPTIONAL MATCH (receipt:WriteReceipt {write_id: $p.write_id})
RETURN n.arrivals AS arrivals, n.entities AS entities, receipt.answer AS answer, meta.vector_property AS vector_property,
  meta.embedding_model AS embedding_model, meta.dimension AS dimension;
