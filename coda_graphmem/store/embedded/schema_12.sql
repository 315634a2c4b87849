-- Version 12: the newest memories of an owner and what is mentioned most come off an index, in order.

DROP INDEX memories_by_user;
DROP INDEX memories_by_agent;
DROP INDEX memories_by_session;
CREATE INDEX memories_by_user ON memories (scope, user_id, timestamp) WHERE user_id IS NOT NULL;
CREATE INDEX memories_by_agent ON memories (scope, agent_id, timestamp) WHERE agent_id IS NOT NULL;
CREATE INDEX memories_by_session ON memories (scope, session_id, timestamp) WHERE session_id IS NOT NULL;

-- Most entities are mentioned a few times; of these nobody asks for the first ones where others are mentioned more.
CREATE INDEX entities_by_mentions ON entities (namespace_id, mention_count DESC, key) WHERE mention_count >= 8;
