// Takes memories out of their conversations, before their properties and mentions become others.
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})-[r:PART_OF|NEXT]-()
WITH DISTINCT r
DELETE r;
