// What deleting memories has to know of them; ids that do not exist are passed over.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
UNWIND $p.memory_ids AS id
MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
RETURN m.memory_id AS memory_id, m.scope IS NOT NULL AS live, m.conversation_id AS conversation_id, m.epoch AS epoch,
  m.arrival AS arrival, m[meta.vector_property] IS NOT NULL AS has_vector,
  EXISTS { (m)<-[:CONSOLIDATED_INTO*0..]-(:Memory)-[:SAYS_OF]->() } AS states,
  EXISTS { (m)<-[:SUPERSEDED_BY]-() } AS replaces;
