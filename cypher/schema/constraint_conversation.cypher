// A conversation exists once in a namespace.
CREATE CONSTRAINT conversation_id IF NOT EXISTS
FOR (c:Conversation) REQUIRE (c.namespace, c.conversation_id) IS UNIQUE;
