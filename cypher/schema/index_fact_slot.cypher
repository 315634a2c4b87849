// Facts of a namespace by what they are about: subject and attribute.
CREATE INDEX fact_slot IF NOT EXISTS
FOR (f:Fact) ON (f.namespace, f.subject_key, f.attribute);
