// A namespace has one node.
CREATE CONSTRAINT namespace_name IF NOT EXISTS
FOR (n:Namespace) REQUIRE n.name IS UNIQUE;
