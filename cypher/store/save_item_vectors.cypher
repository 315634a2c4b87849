// Keeps all vectors of items of a model beside those of others. Each row: position and embeddings. Returns how many
// items were there.
UNWIND $p.rows AS row
MATCH (i:Item {namespace: $p.namespace, position: row.position})
// That many are due: another release may have found more texts in it, and would wait for them.
SET i.texts = size(row.embeddings), i.own_texts = CASE WHEN row.embeddings <> [] THEN size(row.embeddings) END
WITH i, row
CALL (i, row) {
  UNWIND range(0, size(row.embeddings) - 1) AS number
  MERGE (i)-[:HAS_VECTOR]->(v:ItemVector {namespace: $p.namespace, model: $p.model, number: number, own: true})
  WITH v, row.embeddings[number] AS embedding
  CALL db.create.setNodeVectorProperty(v, 'embedding', embedding)
}
RETURN count(i) AS kept;
