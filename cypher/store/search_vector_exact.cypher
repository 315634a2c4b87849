// The nearest live long-term memories that match, by looking at every one of the namespace.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.model IS NULL OR meta.embedding_model = $p.model
/* include live_matches */
WITH m, 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 AS similarity
WHERE similarity IS NOT NULL
/* include candidates */;
