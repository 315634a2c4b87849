// Memories of a namespace whose text the full-text index may hold unfolded, as older versions wrote it: those with
// other characters than ASCII among the next $limit in order of arrival. Returns the arrival of the last one that was
// looked at as well, null where there are no more.
/* include page */
RETURN max(m.arrival) AS position,
  collect(CASE WHEN NOT m.content =~ '[\\x00-\\x7F]*' THEN [m.memory_id, m.content, m.speaker] END) AS texts;
