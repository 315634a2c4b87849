// First statement of every transaction that writes into a namespace: waits for the others and locks it, making it
// where it is new. A new one also locks the store's description, so that none appears while that changes.
// Returns the last numbers of memories and entities, the vectors' model and place, and the answer of an earlier try of the same write.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MERGE (n:Namespace {name: $p.namespace})
  ON CREATE SET n.scope = $p.scope, n.memory_count = 0, n.arrivals = 0, n.entities = 0, n.writes = 0,
    meta.namespaces_made = meta.namespaces_made + 1
SET n.writes = n.writes + 1
WITH n, meta
OPTIONAL MATCH (receipt:WriteReceipt {write_id: $p.write_id})
RETURN n.arrivals AS arrivals, n.entities AS entities, receipt.answer AS answer, meta.vector_property AS vector_property,
  meta.embedding_model AS embedding_model, meta.dimension AS dimension;
