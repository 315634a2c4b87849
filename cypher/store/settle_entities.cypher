// Removes those of the entities that nothing mentions any more. One that only others mentioned by the name it has gets
// the name that the first of the remaining memories uses. Returns how many were removed.
CALL () {
  UNWIND $p.keys AS key
  MATCH (e:Entity {namespace: $p.namespace, key: key})
  WHERE NOT EXISTS { (e)<-[:MENTIONS]-() }
  DELETE e
  RETURN count(*) AS entities
}
CALL () {
  UNWIND $p.keys AS key
  MATCH (e:Entity {namespace: $p.namespace, key: key})
  WHERE NOT EXISTS { (e)<-[r:MENTIONS]-() WHERE r.name = e.name }
  CALL (e) {
    MATCH (m:Memory)-[r:MENTIONS]->(e)
    RETURN r ORDER BY m.arrival LIMIT 1
  }
  SET e.name = r.name, e.label = r.label
}
RETURN entities;
