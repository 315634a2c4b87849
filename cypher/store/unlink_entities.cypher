// Removes the mentions of memories. Returns how many, and the keys of what was mentioned.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})-[r:MENTIONS]->(e:Entity)
WITH e, collect(r) AS gone, sum(CASE WHEN m.scope IS NULL THEN 0 ELSE 1 END) AS live
SET e.mention_count = e.mention_count - live
FOREACH (r IN gone | DELETE r)
RETURN coalesce(sum(size(gone)), 0) AS mentions, collect(e.key) AS keys;
