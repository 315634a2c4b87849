// What changing one memory has to know of it; no row where there is none.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
RETURN m.content AS content, m.metadata AS metadata, m.scope IS NOT NULL AS live, m.expires_at AS expires_at,
  m.archived_at AS archived_at, m.epoch AS epoch, m.arrival AS arrival, m.conversation_id AS conversation_id,
  m.dedup_key AS dedup_key, m.importance_score AS importance_score;
