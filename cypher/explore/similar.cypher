// What is much alike, and why was it not merged? Pairs of live memories that a guard kept apart, the most similar
// first. Returns a graph: up to 100 pairs and the links between them, which tell guard, reason and cosine.
:param namespace => 'default'

MATCH (m:Memory)
WHERE m.namespace = $namespace AND m.scope IS NOT NULL
MATCH (m)-[link:SIMILAR_TO]->(other:Memory)
WHERE other.scope IS NOT NULL
RETURN m, link, other
ORDER BY link.score DESC, m.memory_id, other.memory_id LIMIT 100;
