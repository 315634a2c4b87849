// Last statement of a writing transaction: keeps the counters and leaves a receipt with the answer, and removes
// some receipts that nobody will ask for any more.
CREATE (:WriteReceipt {write_id: $write_id, scope: $scope, written_at: $written_at, answer: $answer})
WITH 1 AS done
OPTIONAL MATCH (n:Namespace {name: $namespace})
SET n.memory_count = n.memory_count + $live_added, n.arrivals = n.arrivals + $arrived
WITH 1 AS done
CALL () {
  MATCH (old:WriteReceipt)
  WHERE old.scope = $scope AND old.written_at < $outdated
  WITH old LIMIT 10
  DELETE old
};
