// Sets vectors in the property $vector_property and removes the property $outdated_property, which holds those of
// another model. Each row: memory_id, embedding.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row.memory_id})
CALL db.create.setNodeVectorProperty(m, $p.vector_property, row.embedding)
REMOVE m[$p.outdated_property];
