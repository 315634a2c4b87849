// The versions of a memory, the first one first and the present one last.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
/* include versions */
RETURN version ORDER BY version.version;
