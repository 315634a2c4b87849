// Removes up to $limit vectors of a property that no index covers any more. Returns how many.
/* include lock_all */
MATCH (m:Memory)
WHERE m[$p.vector_property] IS NOT NULL
WITH m LIMIT $p.limit
REMOVE m[$p.vector_property]
RETURN count(m) AS cleared;
