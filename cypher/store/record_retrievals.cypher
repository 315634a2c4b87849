// Adds to what is known of a namespace's retrievals.
MATCH (n:Namespace {name: $p.namespace})
SET n.retrievals = coalesce(n.retrievals, 0) + $p.retrievals,
    n.empty_retrievals = coalesce(n.empty_retrievals, 0) + $p.empty,
    n.retrieved = coalesce(n.retrieved, 0) + $p.results,
    n.retrieved_relevance = coalesce(n.retrieved_relevance, 0.0) + $p.relevance,
    n.retrieved_scored = coalesce(n.retrieved_scored, 0) + $p.scored,
    n.retrieval_seconds = coalesce(n.retrieval_seconds, 0.0) + $p.seconds,
    n.last_retrieval_at = CASE
      WHEN n.last_retrieval_at > $p.last_at THEN n.last_retrieval_at
      ELSE coalesce($p.last_at, n.last_retrieval_at)
    END;
