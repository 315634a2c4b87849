// Keeps passages of memories in place of those there are. Each row: memory_id, the content that they are of, stretches
// as lists of first and last, embeddings. A memory whose content is another one by now is left alone. Returns of how
// many memories they were kept.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
WHERE m.content = row.content
CALL (m) {
  MATCH (m)-[:HAS_PASSAGE]->(old:Passage)
  DETACH DELETE old
}
CALL (m, row) {
  UNWIND range(0, size(row.stretches) - 1) AS number
  CREATE (m)-[:HAS_PASSAGE]->(p:Passage {
    namespace: $p.namespace, first: row.stretches[number][0], last: row.stretches[number][1]
  })
  SET p.model = $p.model
  WITH p, row.embeddings[number] AS embedding
  CALL db.create.setNodeVectorProperty(p, 'embedding', embedding)
}
RETURN count(m) AS kept;
