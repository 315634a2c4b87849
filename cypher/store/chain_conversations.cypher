// Joins the live long-term memories of conversations to the next one by time, then arrival, where memories came or
// went. Each span: conversation_id, and epoch and arrival of the first and the last memory that came or went.
UNWIND $p.spans AS span
CALL (span) {
  OPTIONAL MATCH (before:Memory)
  USING INDEX before:Memory(scope, conversation_id, epoch, arrival)
  WHERE before.scope = $p.scope AND before.conversation_id = span.conversation_id
    AND before.epoch <= span.first_epoch AND before.arrival IS NOT NULL
    AND CASE WHEN before.epoch = span.first_epoch THEN before.arrival < span.first_arrival ELSE true END
  RETURN before
  ORDER BY before.scope DESC, before.conversation_id DESC, before.epoch DESC, before.arrival DESC LIMIT 1
}
CALL (span) {
  OPTIONAL MATCH (after:Memory)
  USING INDEX after:Memory(scope, conversation_id, epoch, arrival)
  WHERE after.scope = $p.scope AND after.conversation_id = span.conversation_id
    AND after.epoch >= span.last_epoch AND after.arrival IS NOT NULL
    AND CASE WHEN after.epoch = span.last_epoch THEN after.arrival > span.last_arrival ELSE true END
  RETURN after
  ORDER BY after.scope, after.conversation_id, after.epoch, after.arrival LIMIT 1
}
CALL (span, before, after) {
  MATCH (m:Memory)
  USING INDEX m:Memory(scope, conversation_id, epoch, arrival)
  WHERE m.scope = $p.scope AND m.conversation_id = span.conversation_id AND m.arrival IS NOT NULL
    AND coalesce(before.epoch, span.first_epoch) <= m.epoch <= coalesce(after.epoch, span.last_epoch)
    AND CASE WHEN m.epoch = before.epoch THEN m.arrival >= before.arrival ELSE true END
    AND CASE WHEN m.epoch = after.epoch THEN m.arrival <= after.arrival ELSE true END
  WITH m ORDER BY m.scope, m.conversation_id, m.epoch, m.arrival
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
