// Memories that new ones may repeat: by id, and live long-term ones by deduplication key. Those that have ended lose
// theirs first.
CALL () {
  UNWIND $p.dedup_keys AS key
  MATCH (m:Memory {scope: $p.scope, dedup_key: key})
  WHERE NOT /* include lasting */
  SET m.dedup_key = null
}
CALL () {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  RETURN m, false AS by_key
  UNION ALL
  UNWIND $p.dedup_keys AS key
  MATCH (m:Memory {scope: $p.scope, dedup_key: key})
  RETURN m, true AS by_key
}
RETURN by_key, m.dedup_key AS dedup_key, m.sayings AS sayings, [(m)-[:MENTIONS]->(e:Entity) | e.key] AS entity_keys,
  EXISTS { (m)<-[:CONSOLIDATED_INTO*0..]-(:Memory)-[:SAYS_OF]->() } AS states, m {
  /* include fields */
} AS memory;
