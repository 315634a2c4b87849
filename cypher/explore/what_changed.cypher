// What changed lately? Facts that began or ended, by when that was said, the latest first.
// Returns a row for each: whom it is about, the attribute, the value, whether it began or ended, from when, and the
// words that say so.
:param namespace => 'default'

MATCH (f:Fact)
WHERE f.namespace = $namespace AND f.subject_key IS NOT NULL
CALL (f) {
  MATCH (m:Memory)-[r:STATES]->(f)
  WHERE f.polarity AND f.known_from IS NOT NULL
  RETURN 'began' AS change, f.known_from AS said, f.since AS since, m.content AS words ORDER BY r.position LIMIT 1
  UNION ALL
  MATCH (f)-[:ENDED_BY]->(m:Memory)
  WHERE f.polarity
  RETURN 'ended' AS change, f.known_until AS said, f.until AS since, m.content AS words
}
RETURN f.subject AS subject, f.attribute AS attribute, f.value AS value, change, since AS from, words,
  datetime({epochMillis: toInteger(1000 * said)}) AS said_at
ORDER BY said DESC, subject, attribute, change LIMIT 100;
