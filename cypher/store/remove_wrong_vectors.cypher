// Looks at up to $limit memories of a namespace in order of arrival and removes vectors of another length than the
// model's, or with numbers that are not finite. Returns the arrival of the last one (null where there are no more), and
// how many were removed.
/* include page */
WITH m, m.arrival AS arrival, m[$p.vector_property] AS vector
WITH m, arrival, size(vector) <> $p.dimension OR any(x IN vector WHERE isNaN(x - x)) AS wrong
FOREACH (done IN CASE WHEN wrong THEN [1] ELSE [] END | REMOVE m[$p.vector_property])
RETURN max(arrival) AS position, count(CASE WHEN wrong THEN 1 END) AS removed;
