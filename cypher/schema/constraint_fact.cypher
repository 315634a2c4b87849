// A fact exists once in a namespace.
CREATE CONSTRAINT fact_id IF NOT EXISTS
FOR (f:Fact) REQUIRE (f.namespace, f.fact_id) IS UNIQUE;
