// What connects two people or things? The three shortest chains from memory to memory over what they both mention.
// Names as in what_do_i_know. Entities that more than 200 memories mention connect everything and are left out.
// Returns paths between the two entities, the shortest first.
:param namespace => 'default'
:param one => 'maria'
:param other => 'berlin'

MATCH (one:Entity {namespace: $namespace, key: $one}), (other:Entity {namespace: $namespace, key: $other})
MATCH path = SHORTEST 3 (one)
  ((:Entity)<-[:MENTIONS]-(m:Memory)-[:MENTIONS]->(e:Entity) WHERE m.scope IS NOT NULL AND e.mention_count <= 200){1,3}
  (other)
RETURN path ORDER BY length(path);
