// A path of items exists once in a namespace.
CREATE CONSTRAINT item_path IF NOT EXISTS
FOR (p:ItemPath) REQUIRE (p.namespace, p.path) IS UNIQUE;
