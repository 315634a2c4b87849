// What is filed under a tag? The newest memories that carry it, what they mention, and when they end, if they do.
// Returns a graph: up to 50 live memories and the entities they mention.
:param namespace => 'default'
:param tag => 'work'

MATCH (m:Memory)
WHERE m.namespace = $namespace AND m.scope IS NOT NULL AND $tag IN m.tags
WITH m ORDER BY m.timestamp DESC LIMIT 50
OPTIONAL MATCH (m)-[about:MENTIONS]->(e:Entity)
RETURN m, about, e;
