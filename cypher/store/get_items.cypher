// Items by their ids, which stand for path and key, in any order, unless their time is over.
UNWIND $p.item_ids AS id
MATCH (i:Item {namespace: $p.namespace, item_id: id})
WHERE i.expires_at IS NULL OR i.expires_at > $p.now
RETURN id AS item_id, /* include item */;
