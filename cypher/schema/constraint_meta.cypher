// The node that describes the store exists once.
CREATE CONSTRAINT graph_memory_meta IF NOT EXISTS
FOR (meta:GraphMemoryMeta) REQUIRE meta.name IS UNIQUE;
