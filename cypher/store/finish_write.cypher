// Last statement of a writing transaction: keeps the counters and leaves a receipt with the answer, and removes
// some receipts that nobody will ask for any more. Revisions start at the time, so that those of a namespace that was
// forgotten do not come again.
CREATE (:WriteReceipt {write_id: $p.write_id, scope: $p.scope, written_at: $p.written_at, answer: $p.answer})
WITH 1 AS done
OPTIONAL MATCH (n:Namespace {name: $p.namespace})
SET n.memory_count = n.memory_count + $p.live_added, n.arrivals = $p.arrivals, n.entities = $p.entities,
    n.revision = CASE WHEN $p.revised THEN coalesce(n.revision, timestamp()) + 1 ELSE n.revision END
WITH 1 AS done
CALL () {
  MATCH (old:WriteReceipt)
  WHERE old.scope = $p.scope AND old.written_at < $p.outdated
  WITH old LIMIT 10
  DELETE old
};
