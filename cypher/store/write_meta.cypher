// Makes the node that describes the store, or sets the schema version after a migration.
MERGE (meta:GraphMemoryMeta {name: 'coda_graphmem'})
  ON CREATE SET meta.vector_property = 'embedding'
SET meta.schema_version = $p.schema_version;
