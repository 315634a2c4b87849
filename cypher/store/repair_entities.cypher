// Looks at up to $limit entities of a namespace by key, removes those nothing mentions, and sets right the counters of
// the others that disagree with their mentions, and mentions that disagree with their memories. Returns the key of the
// last one (null where there are no more), how many were removed, and how many counters were wrong.
/* include entity_page */
CALL (e) {
  OPTIONAL MATCH (e)<-[r:MENTIONS]-(m:Memory)
  RETURN count(r) AS mentions, count(m.scope) AS live, collect(CASE
      WHEN coalesce(r.scope, '') <> coalesce(m.scope, '') OR coalesce(r.epoch <> m.epoch, true)
        OR coalesce(r.entity <> e.number, true)
      THEN r
    END) AS astray
}
WITH e, e.key AS key, live, astray, mentions = 0 AS orphan,
  mentions > 0 AND coalesce(e.mention_count <> live, true) AS miscounted
FOREACH (r IN astray | SET r.scope = startNode(r).scope, r.epoch = startNode(r).epoch, r.entity = e.number)
FOREACH (done IN CASE WHEN miscounted THEN [1] ELSE [] END | SET e.mention_count = live)
FOREACH (done IN CASE WHEN orphan THEN [1] ELSE [] END | DELETE e)
RETURN max(key) AS position, count(CASE WHEN orphan THEN 1 END) AS orphans,
  count(CASE WHEN miscounted THEN 1 END) AS miscounted;
