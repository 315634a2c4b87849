// How many items of any namespace are to have vectors of the store's own model and lack some of another one.
MATCH (i:Item)
USING INDEX i:Item(own_texts)
WHERE /* include lacking_vectors */
RETURN count(i) AS items;
