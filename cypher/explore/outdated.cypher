// What may no longer hold? Live memories of which a fact is over, that somebody replaced or took back by hand, or of
// which a newer text says otherwise, the latest first.
// Returns a row for each: what it says, what is newer, what differs, how similar the two are (of texts only), and when
// each was said.
:param namespace => 'default'

MATCH (older:Memory)
WHERE older.namespace = $namespace AND older.scope IS NOT NULL
CALL (older) {
  WITH older
  WHERE older.over_share IS NOT NULL
  OPTIONAL MATCH (newer:Memory {namespace: older.namespace, memory_id: older.over_by})
  RETURN newer, older.over_reason AS differs, null AS cosine
  UNION ALL
  MATCH (older)-[link:POSSIBLY_OUTDATED_BY]->(newer:Memory)
  WHERE newer.scope IS NOT NULL AND older.over_share IS NULL
  RETURN newer, link.reason AS differs, round(link.score, 3) AS cosine
}
RETURN older.content AS says, newer.content AS newer, differs, cosine, older.timestamp AS said_at,
  coalesce(newer.timestamp, datetime({epochMillis: toInteger(1000 * older.over_since)})) AS newer_at
ORDER BY newer_at DESC LIMIT 100;
