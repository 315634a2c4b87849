// What is this memory about? The entities that most live memories mention, with the latest time each was mentioned.
// Returns a row for each of the 25 strongest: name, label, how many memories, the importance of the most important one.
:param namespace => 'default'

MATCH (e:Entity)
WHERE e.namespace = $namespace AND e.mention_count > 0
WITH e ORDER BY e.namespace DESC, e.mention_count DESC, e.key LIMIT 25
MATCH (e)<-[:MENTIONS]-(m:Memory)
WHERE m.scope IS NOT NULL
RETURN e.name AS name, e.label AS label, e.mention_count AS memories, max(m.timestamp) AS latest,
  round(max(m.importance_score), 2) AS most_important
ORDER BY memories DESC, name;
