// Looks at up to $limit entities of a namespace by key. Returns the key of the last one (null where there are no more),
// how many nothing mentions, and how many have a counter that disagrees with their mentions.
/* include entity_page */
CALL (e) {
  OPTIONAL MATCH (e)<-[r:MENTIONS]-(m:Memory)
  RETURN count(r) AS mentions, count(m.scope) AS live
}
RETURN max(e.key) AS position, count(CASE WHEN mentions = 0 THEN 1 END) AS orphans,
  count(CASE WHEN coalesce(e.mention_count, -1) <> live THEN 1 END) AS miscounted;
