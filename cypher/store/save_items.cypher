// Writes items, which are new or take the place of what was there. Each row: item_id, path, labels, properties; and
// vectors with model, number, own and embedding. Rows come in the order of their ids.
UNWIND $p.rows AS row
MERGE (p:ItemPath {namespace: $p.namespace, path: row.path})
  ON CREATE SET p.labels = row.labels, p.name = last(row.labels)
MERGE (i:Item {namespace: $p.namespace, item_id: row.item_id})
SET i = row.properties, i.namespace = $p.namespace, i.item_id = row.item_id, i.path = row.path
MERGE (i)-[:KEPT_IN]->(p)
WITH i, row
CALL (i) {
  MATCH (i)-[:HAS_VECTOR]->(old:ItemVector)
  DETACH DELETE old
}
CALL (i, row) {
  UNWIND row.vectors AS vector
  CREATE (i)-[:HAS_VECTOR]->(v:ItemVector {
    namespace: $p.namespace, model: vector.model, number: vector.number, own: vector.own
  })
  WITH v, vector
  CALL db.create.setNodeVectorProperty(v, 'embedding', vector.embedding)
};
