// Removes memories that mention nothing any more. Returns how many links to other memories went with them.
CALL () {
  UNWIND $memory_ids AS id
  MATCH (:Memory {namespace: $namespace, memory_id: id})-[r]-(:Memory)
  RETURN count(DISTINCT r) AS links
}
CALL () {
  UNWIND $memory_ids AS id
  MATCH (m:Memory {namespace: $namespace, memory_id: id})
  DETACH DELETE m
}
RETURN links;
