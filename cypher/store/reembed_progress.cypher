// Memories that have a vector of the right length in a property, and all memories.
MATCH (m:Memory)
RETURN count(CASE WHEN size(m[$p.vector_property]) = $p.dimension THEN 1 END) AS done, count(m) AS total;
