// How many live long-term memories have ended and are not removed yet.
MATCH (m:Memory)
USING INDEX m:Memory(namespace, ends_at)
WHERE m.namespace = $p.namespace AND m.ends_at <= $p.now AND m.scope IS NOT NULL
RETURN count(m) AS memories;
