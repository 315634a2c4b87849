// Removes those of the conversations that no memory is part of any more. Returns how many.
UNWIND $conversation_ids AS id
MATCH (c:Conversation {namespace: $namespace, conversation_id: id})
WHERE NOT EXISTS { (c)<-[:PART_OF]-() }
DELETE c
RETURN count(*) AS conversations;
