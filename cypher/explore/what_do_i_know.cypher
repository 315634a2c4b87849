// What do I know about somebody or something? The newest memories that mention it, and what else they mention.
// $entity is the name in lower case, without articles, as Entity.key holds it.
// Returns a graph: the entity, up to 25 live memories, and their other entities.
:param namespace => 'default'
:param entity => 'maria'

MATCH (e:Entity {namespace: $namespace, key: $entity})<-[about:MENTIONS]-(m:Memory)
WHERE m.scope IS NOT NULL
WITH e, about, m ORDER BY m.timestamp DESC LIMIT 25
OPTIONAL MATCH (m)-[also:MENTIONS]->(other:Entity)
WHERE other <> e AND other.mention_count > 1
RETURN e, about, m, also, other;
