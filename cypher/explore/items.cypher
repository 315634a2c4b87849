// What is kept under keys? The items of a namespace, each with the path of labels it is kept in, those that were
// written last first. An item has its value as JSON; what is searched by meaning has a vector for each of its fields.
:param namespace => 'default'

MATCH (p:ItemPath {namespace: $namespace})<-[kept:KEPT_IN]-(i:Item)
WHERE i.expires_at IS NULL OR i.expires_at > timestamp() / 1000.0
OPTIONAL MATCH (i)-[has:HAS_VECTOR]->(v:ItemVector)
RETURN p, kept, i, has, v
ORDER BY i.updated_at DESC, i.position DESC LIMIT 200;
