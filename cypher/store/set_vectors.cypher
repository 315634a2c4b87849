// Sets vectors in the property $vector_property and removes the property $outdated_property, which holds those of
// another model. Each row: memory_id, embedding.
UNWIND $rows AS row
MATCH (m:Memory {namespace: $namespace, memory_id: row.memory_id})
CALL db.create.setNodeVectorProperty(m, $vector_property, row.embedding)
REMOVE m[$outdated_property];
