// Part: up to $limit entities e of the namespace whose key comes after $after, by key.
MATCH (e:Entity)
USING INDEX e:Entity(namespace, key)
WHERE e.namespace = $p.namespace AND e.key > $p.after
WITH e ORDER BY e.namespace, e.key LIMIT $p.limit
