// An entity key exists once in a namespace.
CREATE CONSTRAINT entity_key IF NOT EXISTS
FOR (e:Entity) REQUIRE (e.namespace, e.key) IS UNIQUE;
