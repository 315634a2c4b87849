// Passages of the memories of a namespace.
CREATE INDEX passage_place IF NOT EXISTS
FOR (p:Passage) ON (p.namespace, p.first);
