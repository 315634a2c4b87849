// Part: the properties of a memory's node that its model has as they are, inside of the braces of a map.
.memory_id, .content, .memory_type, .epoch, .importance_score, .access_count, .last_accessed, .metadata,
.conversation_id, .created_at, .updated_at, .reinforcement_count, .expires_at, .archived_at,
.consolidated_into, .decay_factor
