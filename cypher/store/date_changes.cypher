// Gives memories of a namespace the time of their last change where an older version of the schema has none: up to
// $limit, in order of arrival. Returns the arrival of the last one that was looked at, null where there are no more.
/* include page */
SET m.changed_at = coalesce(m.changed_at, m.updated_at, m.created_at)
RETURN max(m.arrival) AS position;
