// Has a memory read again whose content is another now; a merged one says what it says itself from then on.
MATCH (m:Memory {namespace: $p.namespace, memory_id: $p.memory_id})
SET m.unread_in = m.namespace, m.has_own_words = true;
