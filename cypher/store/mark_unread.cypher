// Has the statements of memories of a namespace read that an older version of the schema never read, but of what was
// merged, which its originals say: up to $limit, in order of arrival. Returns the arrival of the last one that was
// looked at, null where there are no more, and what several conversations say of those that they share.
/* include page */
SET m.unread_in = CASE WHEN NOT EXISTS { (m)<-[:CONSOLIDATED_INTO]-() } THEN m.namespace END
RETURN max(m.arrival) AS position,
  collect(CASE WHEN m.sayings IS NOT NULL THEN [m.memory_id, m.sayings] END) AS shared;
