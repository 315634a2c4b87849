// Whose memories are in here? Each combination of user, assistant and session inside a namespace, those with the most
// memories first; null stands for nobody in particular. The tags are those that most of them carry.
// Returns a row for each: the three ids, how many live memories, when the newest was said, and up to five tags.
:param namespace => 'default'

MATCH (m:Memory)
WHERE m.namespace = $namespace AND m.scope IS NOT NULL
WITH m.user_id AS user, m.agent_id AS agent, m.session_id AS session, collect(m) AS memories
CALL (memories) {
  UNWIND memories AS m
  UNWIND m.tags AS tag
  WITH tag, count(*) AS times ORDER BY times DESC, tag LIMIT 5
  RETURN collect(tag) AS tags
}
RETURN user, agent, session, size(memories) AS memories,
  reduce(newest = null, m IN memories | CASE WHEN newest >= m.timestamp THEN newest ELSE m.timestamp END) AS newest,
  tags
ORDER BY memories DESC, user, agent, session LIMIT 100;
