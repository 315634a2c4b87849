// A memory id exists once in a namespace.
CREATE CONSTRAINT memory_id IF NOT EXISTS
FOR (m:Memory) REQUIRE (m.namespace, m.memory_id) IS UNIQUE;
