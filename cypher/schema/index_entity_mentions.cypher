// Entities of a namespace by the number of their mentions.
CREATE INDEX entity_mention_count IF NOT EXISTS
FOR (e:Entity) ON (e.namespace, e.mention_count);
