// Memories whose statements are still to be read, of one namespace or, with null, of all, by namespace and arrival.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
CALL () {
  MATCH (m:Memory)
  USING INDEX m:Memory(unread_in, arrival)
  WHERE m.unread_in = $p.namespace AND m.arrival IS NOT NULL
  RETURN m ORDER BY m.unread_in, m.arrival LIMIT $p.limit
  UNION
  MATCH (m:Memory)
  USING INDEX m:Memory(unread_in, arrival)
  WHERE $p.namespace IS NULL AND m.unread_in IS NOT NULL AND m.arrival IS NOT NULL
  RETURN m ORDER BY m.unread_in, m.arrival LIMIT $p.limit
}
RETURN /* include memory */, m.namespace AS namespace, m.arrival AS arrival
ORDER BY namespace, arrival;
