// Removes items by their ids, with their vectors. Returns the paths they were in, and how many there were.
UNWIND $p.item_ids AS id
MATCH (i:Item {namespace: $p.namespace, item_id: id})
OPTIONAL MATCH (i)-[:HAS_VECTOR]->(v:ItemVector)
WITH i, i.path AS path, collect(v) AS vectors
FOREACH (v IN vectors | DETACH DELETE v)
DETACH DELETE i
RETURN collect(DISTINCT path) AS paths, count(*) AS items;
