// Makes memories. Each row: properties, the label of its type, embedding or null.
UNWIND $p.rows AS row
CREATE (m:Memory)
SET m += row.properties, m:$(row.label)
WITH m, row
WHERE row.embedding IS NOT NULL
CALL db.create.setNodeVectorProperty(m, $p.vector_property, row.embedding);
