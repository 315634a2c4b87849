// First statement of every transaction that writes into a namespace: waits for the others and locks it. Returns the
// last numbers of memories and entities, the vectors' model and place, and the answer of an earlier try of the same
// write; no row where the namespace does not exist.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (n:Namespace {name: $p.namespace})
SET n.writes = n.writes + 1
WITH n, meta
OPTIONAL MATCH (receipt:WriteReceipt {write_id: $p.write_id})
RETURN n.arrivals AS arrivals, n.entities AS entities, receipt.answer AS answer,
  meta.vector_property AS vector_property, meta.embedding_model AS embedding_model, meta.dimension AS dimension;
