// Removes all vectors of items by their ids.
UNWIND $p.item_ids AS id
MATCH (:Item {namespace: $p.namespace, item_id: id})-[:HAS_VECTOR]->(v:ItemVector)
DETACH DELETE v;
