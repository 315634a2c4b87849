// What is true now of somebody or something? The facts that hold at present, and the memories that say so.
// $subject is the name in lower case, without articles, as Subject.key holds it; the user is 'user'.
// Returns a graph: the subject, up to 50 facts, the latest first, and the memories that say each.
:param namespace => 'default'
:param subject => 'user'

MATCH (s:Subject {namespace: $namespace, key: $subject})<-[about:ABOUT]-(f:Fact)
WHERE f.polarity AND (f.valid_from IS NULL OR f.valid_from * 1000 <= timestamp())
  AND (f.valid_until IS NULL OR f.valid_until * 1000 > timestamp())
WITH s, about, f ORDER BY f.known_from DESC LIMIT 50
MATCH (m:Memory)-[states:STATES]->(f)
RETURN s, about, f, states, m;
