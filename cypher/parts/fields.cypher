// Part: the values of a memory m by the names of its fields, inside of the braces of a map.
.memory_id, .content, .memory_type, timestamp: m.epoch, .importance_score, .access_count, .last_accessed, .metadata,
.decay_factor, .conversation_id, .created_at, .updated_at, .reinforcement_count, .expires_at, .archived_at,
.consolidated_into, .user_id, .agent_id, .session_id, .tags, .ends_at, .refresh_seconds,
.last_said_at, version: coalesce(m.version, 1), .standing, .standing_at
