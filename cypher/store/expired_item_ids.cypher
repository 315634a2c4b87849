// Ids of the items whose time is over.
MATCH (i:Item)
USING INDEX i:Item(namespace, expires_at)
WHERE i.namespace = $p.namespace AND i.expires_at <= $p.now
RETURN i.item_id AS item_id;
