// Makes facts that are not there. Each row: properties, the label that tells whether it holds, subject and subject_key,
// the memories that say so (memory_ids, the earliest first), and the one that says what ended it (ended_by or null).
UNWIND $p.rows AS row
MERGE (s:Subject {namespace: $p.namespace, key: row.properties.subject_key})
  ON CREATE SET s.name = row.properties.subject
CREATE (f:Fact)-[:ABOUT]->(s)
SET f += row.properties, f:$(row.label)
WITH f, row
CALL (f, row) {
  UNWIND range(0, size(row.memory_ids) - 1) AS position
  MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_ids[position]})
  CREATE (m)-[:STATES {position: position}]->(f)
}
CALL (f, row) {
  MATCH (m:Memory {namespace: $p.namespace, memory_id: row.ended_by})
  CREATE (f)-[:ENDED_BY]->(m)
};
