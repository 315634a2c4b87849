// First statement of every transaction that writes into a namespace: waits for the others and locks it. Returns whether
// the namespace exists, the last numbers of memories and entities, the vectors' model and place, and the answer of an
// earlier try of the same write.
/* include lock */
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
OPTIONAL MATCH (n:Namespace {name: $p.namespace})
OPTIONAL MATCH (receipt:WriteReceipt {write_id: $p.write_id})
RETURN n IS NOT NULL AS exists, receipt.answer AS answer, coalesce(n.arrivals, 0) AS arrivals,
  coalesce(n.entities, 0) AS entities, meta.vector_property AS vector_property, meta.embedding_model AS embedding_model,
  meta.dimension AS dimension;
