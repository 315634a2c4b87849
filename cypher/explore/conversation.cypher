// One conversation: its memories in the order in which they were said, and what they mention.
// Returns a graph: the conversation, up to 100 memories of it, how they follow one another, and their entities.
:param namespace => 'default'
:param conversation_id => 'trip'

MATCH (c:Conversation {namespace: $namespace, conversation_id: $conversation_id})<-[part:PART_OF]-(m:Memory)
WITH c, part, m ORDER BY m.timestamp, m.arrival LIMIT 100
OPTIONAL MATCH (m)-[following:NEXT]->(after:Memory)
OPTIONAL MATCH (m)-[mentions:MENTIONS]->(e:Entity)
RETURN c, part, m, following, after, mentions, e;
