// How near the vectors of items under a prefix are to another one, of the same model: the position of the item and the
// cosine, null where the lengths differ, with how long the item's vector is; and the value where it is asked for.
/* include items_under */
MATCH (i)-[:HAS_VECTOR]->(v:ItemVector {model: $p.model})
WHERE $p.own = (i.embedder IS NULL)
WITH i, v, size(v.embedding) AS dimension
RETURN i.position AS position, dimension,
  CASE WHEN dimension = $p.dimension THEN 2 * vector.similarity.cosine(v.embedding, $p.vector) - 1 END AS cosine,
  CASE WHEN $p.with_values THEN i.value END AS value;
