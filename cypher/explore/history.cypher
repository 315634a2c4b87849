// How was a memory before? Its versions, the earliest first, and the present one last.
// Returns a row for each: its number, what made it, when, who did that, and what it said.
:param namespace => 'default'
:param memory_id => 'the id of a memory'

MATCH (m:Memory {namespace: $namespace, memory_id: $memory_id})
CALL (m) {
  MATCH (m)-[:WAS]->(v:MemoryVersion)
  RETURN v.version AS version, v.operation AS made_by, v.at AS at, v.actor AS actor, v.content AS said
  UNION ALL
  RETURN coalesce(m.version, 1) AS version, coalesce(m.version_operation, 'created') AS made_by,
    coalesce(m.version_at, m.created_at) AS at, coalesce(m.version_actor, 'caller') AS actor, m.content AS said
}
RETURN version, made_by, datetime({epochMillis: toInteger(1000 * at)}) AS at, actor, said
ORDER BY version;
