// What changing memories has to know of them, in any order; ids that do not exist are passed over.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
RETURN m.memory_id AS memory_id, m.content AS content, m.metadata AS metadata, m.scope IS NOT NULL AS live,
  m.expires_at AS expires_at, m.archived_at AS archived_at, m.consolidated_into AS consolidated_into,
  m.epoch AS epoch, m.arrival AS arrival, m.conversation_id AS conversation_id, m.dedup_key AS dedup_key,
  m.updated_at AS updated_at, m.sayings AS sayings, m.access_count AS access_count, m.last_accessed AS last_accessed,
  coalesce(m.version, 1) AS version, m.memory_type AS memory_type, m.user_id AS user_id, m.agent_id AS agent_id,
  m.session_id AS session_id, m.tags AS tags, [(m)-[:MENTIONS]->(e:Entity) | e.key] AS entity_keys;
