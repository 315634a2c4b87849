// What is known of a namespace's retrievals.
MATCH (n:Namespace {name: $p.namespace})
RETURN coalesce(n.retrievals, 0) AS retrievals, coalesce(n.empty_retrievals, 0) AS empty,
  coalesce(n.retrieved, 0) AS results, coalesce(n.retrieved_relevance, 0.0) AS relevance,
  coalesce(n.retrieved_scored, 0) AS scored, coalesce(n.retrieval_seconds, 0.0) AS seconds,
  n.last_retrieval_at AS last_at;
