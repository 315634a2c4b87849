// Ids of all memories that match, in order of arrival.
/* include matches */
RETURN m.memory_id AS memory_id ORDER BY m.arrival;
