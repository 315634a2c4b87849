// How near the vectors of items under a prefix are to another one, of the same model: the positions of the items and
// the cosines, the values where they are asked for, and the length of a vector that is of another one. One row, as the
// driver takes much longer over many.
/* include items_under */
MATCH (i)-[:HAS_VECTOR]->(v:ItemVector {model: $p.model})
WHERE $p.own = (i.embedder IS NULL)
WITH i, v, size(v.embedding) AS dimension
RETURN max(CASE WHEN dimension <> $p.dimension THEN dimension END) AS other,
  collect(i.position) AS positions,
  collect(CASE
    WHEN dimension = $p.dimension THEN 2 * vector.similarity.cosine(v.embedding, $p.vector) - 1
    ELSE 0.0
  END) AS cosines,
  collect(CASE WHEN $p.with_values THEN i.value END) AS values;
