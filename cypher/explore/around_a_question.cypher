// What would a question find? Full-text hits for some words, what they mention, and the newest other memories that
// mention the same: the step from a hit to what only the connection reveals.
// Returns a graph: hits with their entities, and up to five more memories an entity.
:param namespace => 'default'
:param words => 'hiking'

MATCH (n:Namespace {name: $namespace})
CALL db.index.fulltext.queryNodes('memory_text', '+scope:' + n.scope + '^0 +search_text:(' + $words + ')', {limit: 5})
  YIELD node AS hit, score
MATCH (hit)-[mentions:MENTIONS]->(e:Entity)
WHERE 1 < e.mention_count <= 200
CALL (hit, e) {
  MATCH (e)<-[also:MENTIONS]-(m:Memory)
  WHERE m.scope IS NOT NULL AND m <> hit
  RETURN also, m ORDER BY m.timestamp DESC LIMIT 5
}
RETURN hit, mentions, e, also, m;
