// Part: one row for each memory that statements r are of, by arrival. A merged memory says what its originals say,
// until its content is changed; what was done by hand with either of the two counts.
WITH r, startNode(r) AS m
WITH m, r ORDER BY r.position
WITH m, collect(/* include statement */) AS statements
WITH m, statements, CASE WHEN m.consolidated_into IS NULL THEN m ELSE coalesce(head(
    [(m)-[:CONSOLIDATED_INTO*1..]->(top:Memory) WHERE top.consolidated_into IS NULL | top]
  ), m) END AS teller
WHERE teller = m OR teller.has_own_words IS NULL
WITH m, statements, teller, CASE WHEN teller.standing IS NULL THEN m ELSE teller END AS judged
RETURN teller.memory_id AS memory_id, m.epoch AS timestamp,
  CASE WHEN teller.last_said_at > coalesce(m.last_said_at, m.epoch) THEN teller.last_said_at ELSE m.last_said_at END
    AS last_said_at,
  judged.standing AS standing, judged.standing_at AS standing_at,
  judged.replaced_by AS superseded_by, statements, m.arrival AS arrival
ORDER BY arrival
