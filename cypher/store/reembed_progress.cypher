// Memories that have a vector in a property, and all memories.
MATCH (m:Memory)
RETURN count(m[$vector_property]) AS done, count(m) AS total;
