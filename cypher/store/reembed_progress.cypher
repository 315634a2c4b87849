// Memories that have a vector in a property, and all memories.
MATCH (m:Memory)
RETURN count(m[$p.vector_property]) AS done, count(m) AS total;
