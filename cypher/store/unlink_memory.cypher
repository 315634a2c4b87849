// Removes the links between a memory and others that are similar, newer or older.
MATCH (:Memory {namespace: $p.namespace, memory_id: $p.memory_id})-[link:SIMILAR_TO|POSSIBLY_OUTDATED_BY]-(:Memory)
DELETE link;
