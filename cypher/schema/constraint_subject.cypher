// Who or what statements are about exists once in a namespace.
CREATE CONSTRAINT subject_key IF NOT EXISTS
FOR (s:Subject) REQUIRE (s.namespace, s.key) IS UNIQUE;
