// Items of any namespace that are to have vectors of the store's own model and lack some of the model that is asked
// for.
MATCH (i:Item)
USING INDEX i:Item(own_texts)
WHERE i.own_texts IS NOT NULL
WITH i, i.own_texts AS due, COUNT { (i)-[:HAS_VECTOR]->(:ItemVector {model: $p.model}) } AS kept
WHERE kept < due
RETURN i.namespace AS namespace, i.position AS position, i.value AS value, i.fields AS fields
LIMIT $p.limit;
