// Removes those of the subjects that nothing is said of any more.
UNWIND $p.keys AS key
MATCH (s:Subject {namespace: $p.namespace, key: key})
WHERE NOT EXISTS { (s)<-[:SAYS_OF|ABOUT]-() }
DELETE s;
