// Takes back that memories were replaced by one of those that are about to go. Returns which.
UNWIND $p.memory_ids AS id
MATCH (:Memory {namespace: $p.namespace, memory_id: id})<-[r:SUPERSEDED_BY]-(m:Memory)
REMOVE m.standing, m.standing_at
DELETE r
RETURN m.memory_id AS memory_id;
