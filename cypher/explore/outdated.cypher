// What may no longer hold? Live memories of which a newer one says otherwise, the latest first.
// Returns a row for each: what it says, what is newer, what differs, how similar the two are, and when each was said.
:param namespace => 'default'

MATCH (older:Memory)
WHERE older.namespace = $namespace AND older.scope IS NOT NULL
MATCH (older)-[link:POSSIBLY_OUTDATED_BY]->(newer:Memory)
WHERE newer.scope IS NOT NULL
RETURN older.content AS says, newer.content AS newer, link.reason AS differs, round(link.score, 3) AS cosine,
  older.timestamp AS said_at, newer.timestamp AS newer_at
ORDER BY newer_at DESC LIMIT 100;
