// Part: the end of a statement that locks a namespace n: what the transaction has to know of it and of the store.
OPTIONAL MATCH (receipt:WriteReceipt {write_id: $p.write_id})
RETURN n.arrivals AS arrivals, n.entities AS entities, receipt.answer AS answer,
  meta.vector_property AS vector_property, meta.embedding_model AS embedding_model, meta.dimension AS dimension
