// Notes what somebody says of a memory by hand, in place of what was said before.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
SET m.standing = $p.standing, m.standing_at = $p.standing_at, m.replaced_by = $p.replaced_by
WITH m
MATCH (m)-[r:SUPERSEDED_BY]->()
DELETE r;
