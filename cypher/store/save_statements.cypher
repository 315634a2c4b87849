// Keeps what memories say. Each row: memory_id, subject, subject_key, properties of the statement.
UNWIND $p.rows AS row
MERGE (s:Subject {namespace: $p.namespace, key: row.subject_key})
  ON CREATE SET s.name = row.subject
WITH s, row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
CREATE (m)-[r:SAYS_OF]->(s)
SET r = row.properties;
