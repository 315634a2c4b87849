// Looks at up to $limit memories of a namespace in order of arrival. Returns the arrival of the last one (null where
// there are no more), and how many of them are live, lack a vector or a text, have a wrong vector, are joined to
// nothing, or have expired. A number that is not finite is not itself when it is taken from itself.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
MATCH (m:Memory)
USING INDEX m:Memory(namespace, arrival)
WHERE m.namespace = $p.namespace AND m.arrival > $p.after
WITH meta, m ORDER BY m.namespace, m.arrival LIMIT $p.limit
WITH m, m.scope IS NOT NULL AS live, m[meta.vector_property] AS vector, meta.dimension AS dimension
RETURN max(m.arrival) AS position,
  count(CASE WHEN live THEN 1 END) AS live,
  count(CASE WHEN live AND vector IS NULL AND dimension IS NOT NULL THEN 1 END) AS without_vector,
  count(CASE WHEN size(vector) <> dimension OR any(x IN vector WHERE isNaN(x - x)) THEN 1 END) AS wrong_vectors,
  count(CASE WHEN live AND m.search_text IS NULL THEN 1 END) AS without_text,
  count(CASE WHEN live AND m.conversation_id IS NULL
    AND NOT EXISTS { (m)-[:MENTIONS|SIMILAR_TO|POSSIBLY_OUTDATED_BY]-() } THEN 1 END) AS isolated,
  count(CASE WHEN m.expires_at <= $p.now OR m.ends_at <= $p.now THEN 1 END) AS expired;
