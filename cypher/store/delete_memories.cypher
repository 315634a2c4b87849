// Removes memories that mention nothing any more, with their versions and passages. Returns how many links to other
// memories went with them; what an original was merged into is none of these.
CALL () {
  UNWIND $p.memory_ids AS id
  MATCH (:Memory {namespace: $p.namespace, memory_id: id})-[r:NEXT|SIMILAR_TO|POSSIBLY_OUTDATED_BY]-(:Memory)
  RETURN count(DISTINCT r) AS links
}
CALL () {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  OPTIONAL MATCH (m)-[:WAS]->(v:MemoryVersion)
  OPTIONAL MATCH (m)-[:HAS_PASSAGE]->(p:Passage)
  WITH m, collect(DISTINCT v) + collect(DISTINCT p) AS held
  FOREACH (one IN held | DETACH DELETE one)
  DETACH DELETE m
}
RETURN links;
