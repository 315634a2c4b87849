// Entities of a namespace, the most mentioned first.
MATCH (e:Entity)
USING INDEX e:Entity(namespace, mention_count)
WHERE e.namespace = $p.namespace AND e.mention_count >= 0
RETURN /* include entity */
ORDER BY mention_count DESC, key SKIP $p.offset LIMIT $p.limit;
