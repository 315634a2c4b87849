// Statements of a namespace by what they are about: subject and attribute.
CREATE INDEX statement_slot IF NOT EXISTS
FOR ()-[r:SAYS_OF]-() ON (r.namespace, r.subject_key, r.attribute);
