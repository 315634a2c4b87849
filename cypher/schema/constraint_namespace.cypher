// A namespace has one node, which writing transactions lock.
CREATE CONSTRAINT namespace_name IF NOT EXISTS
FOR (n:Namespace) REQUIRE n.name IS UNIQUE;
