// What several conversations say of memories that match, by id.
/* include matches */
  AND m.sayings IS NOT NULL
RETURN m.memory_id AS memory_id, m.sayings AS sayings;
