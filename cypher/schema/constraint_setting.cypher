// A setting exists once in a namespace.
CREATE CONSTRAINT setting_key IF NOT EXISTS
FOR (s:Setting) REQUIRE (s.namespace, s.key) IS UNIQUE;
