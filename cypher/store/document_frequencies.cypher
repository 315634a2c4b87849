// How many memories each of $queries finds, in their order. Each requires the scope, which adds nothing to the score,
// and a word; a word that the index leaves out has a score of 0 everywhere.
UNWIND range(0, size($p.queries) - 1) AS number
CALL (number) {
  CALL db.index.fulltext.queryNodes('memory_text', $p.queries[number]) YIELD score
  WITH score WHERE score > 0
  RETURN count(*) AS memories
}
WITH number, memories ORDER BY number
RETURN collect(memories) AS frequencies;
