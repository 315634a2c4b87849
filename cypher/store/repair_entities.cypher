// Looks at up to $limit entities of a namespace by key, sets counters right that disagree with the mentions, and
// removes those nothing mentions. Returns the key of the last one (null where there are no more), and how many of each.
MATCH (e:Entity)
USING INDEX e:Entity(namespace, key)
WHERE e.namespace = $p.namespace AND e.key > $p.after
WITH e ORDER BY e.namespace, e.key LIMIT $p.limit
CALL (e) {
  OPTIONAL MATCH (e)<-[r:MENTIONS]-(m:Memory)
  RETURN count(r) AS mentions, count(m.scope) AS live
}
WITH e, e.key AS key, live, mentions = 0 AS orphan, coalesce(e.mention_count, -1) <> live AS miscounted
FOREACH (done IN CASE WHEN miscounted THEN [1] ELSE [] END | SET e.mention_count = live)
FOREACH (done IN CASE WHEN orphan THEN [1] ELSE [] END | DELETE e)
RETURN max(key) AS position, count(CASE WHEN orphan THEN 1 END) AS orphans,
  count(CASE WHEN miscounted THEN 1 END) AS miscounted;
