// Ids of all items of a namespace.
MATCH (i:Item)
USING INDEX i:Item(namespace, position)
WHERE i.namespace = $p.namespace AND i.position IS NOT NULL
RETURN i.item_id AS item_id;
