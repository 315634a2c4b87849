// Joins the live long-term memories of conversations to the next one by time, then arrival, where memories came or
// went. Each span: conversation_id, and epoch and arrival of the first and the last memory that came or went.
UNWIND $p.spans AS span
CALL (span) {
  OPTIONAL MATCH (before:Memory)
  WHERE before.scope = $p.scope AND before.conversation_id = span.conversation_id
    AND before.epoch <= span.first_epoch AND before.arrival IS NOT NULL
    AND (before.epoch < span.first_epoch OR before.arrival < span.first_arrival)
  RETURN before ORDER BY before.epoch DESC, before.arrival DESC LIMIT 1
}
CALL (span) {
  OPTIONAL MATCH (after:Memory)
  WHERE after.scope = $p.scope AND after.conversation_id = span.conversation_id
    AND after.epoch >= span.last_epoch AND after.arrival IS NOT NULL
    AND (after.epoch > span.last_epoch OR after.arrival > span.last_arrival)
  RETURN after ORDER BY after.epoch, after.arrival LIMIT 1
}
CALL (span, before, after) {
  MATCH (m:Memory)
  WHERE m.scope = $p.scope AND m.conversation_id = span.conversation_id AND m.arrival IS NOT NULL
    AND coalesce(before.epoch, span.first_epoch) <= m.epoch <= coalesce(after.epoch, span.last_epoch)
    AND (before IS NULL OR m.epoch > before.epoch OR m.arrival >= before.arrival)
    AND (after IS NULL OR m.epoch < after.epoch OR m.arrival <= after.arrival)
  WITH m ORDER BY m.epoch, m.arrival
  RETURN collect(m) AS chain
}
CALL (chain) {
  UNWIND chain[..-1] AS m
  MATCH (m)-[old:NEXT]->()
  DELETE old
}
CALL (chain) {
  UNWIND range(0, size(chain) - 2) AS i
  WITH chain[i] AS m, chain[i + 1] AS following
  CREATE (m)-[:NEXT]->(following)
};
