// Takes back that memories were replaced by hand by one of those that are about to go. Returns which.
UNWIND $p.memory_ids AS id
MATCH (m:Memory)
USING INDEX m:Memory(namespace, replaced_by)
WHERE m.namespace = $p.namespace AND m.replaced_by = id
REMOVE m.standing, m.standing_at, m.replaced_by
RETURN m.memory_id AS memory_id;
