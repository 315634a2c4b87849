// Which of some memories carry all the ids that are given: of a user, an agent, a session; null for any.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
WHERE ($p.user_id IS NULL OR m.user_id = $p.user_id)
  AND ($p.agent_id IS NULL OR m.agent_id = $p.agent_id)
  AND ($p.session_id IS NULL OR m.session_id = $p.session_id)
RETURN m.memory_id AS memory_id;
