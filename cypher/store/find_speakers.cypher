// Who speaks under each of the names, and the first whose name begins with it.
UNWIND $p.names AS name
CALL (name) {
    MATCH (m:Memory {scope: $p.scope, speaker: name})
    RETURN m.speaker AS speaker LIMIT 1
    UNION
    MATCH (m:Memory {scope: $p.scope})
    WHERE m.speaker STARTS WITH name + " "
    RETURN m.speaker AS speaker ORDER BY speaker LIMIT 1
}
RETURN DISTINCT speaker;
