// Removes those of the conversations that no memory is part of any more. Returns how many.
UNWIND $p.conversation_ids AS id
MATCH (c:Conversation {namespace: $p.namespace, conversation_id: id})
WHERE NOT EXISTS { (c)<-[:PART_OF]-() }
DELETE c
RETURN count(*) AS conversations;
