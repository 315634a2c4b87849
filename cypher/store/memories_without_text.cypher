// Up to $limit live long-term memories that the full-text index cannot find, with their contents.
/* include live */ AND m.search_text IS NULL
RETURN m.memory_id AS memory_id, m.content AS content
LIMIT $p.limit;
