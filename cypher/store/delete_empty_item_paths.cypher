// Removes those of the paths in which no item is left.
UNWIND $p.paths AS path
MATCH (p:ItemPath {namespace: $p.namespace, path: path})
WHERE NOT EXISTS { (p)<-[:KEPT_IN]-() }
DELETE p;
