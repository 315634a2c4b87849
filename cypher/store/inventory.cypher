// What a namespace holds, by looking at all of it.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
CALL (meta) {
  MATCH (m:Memory)
  USING INDEX m:Memory(namespace, arrival)
  WHERE m.namespace = $p.namespace AND m.arrival IS NOT NULL
  RETURN count(m) AS memories, count(m.scope) AS live, count(m.archived_at) AS archived,
    count(CASE WHEN m.expires_at IS NOT NULL AND m.archived_at IS NULL THEN 1 END) AS short_term,
    count(m[meta.vector_property]) AS vectors, sum(m.access_count) AS access_count,
    sum(m.reinforcement_count) AS reinforcement_count,
    sum(COUNT { (m)-[:MENTIONS]->() }) AS mentions, sum(COUNT { (m)-[:NEXT]->() }) AS links,
    sum(COUNT { (m)-[:SIMILAR_TO|POSSIBLY_OUTDATED_BY]->() }) AS memory_links,
    count(m.consolidated_into) AS merged
}
CALL () {
  MATCH (e:Entity)
  USING INDEX e:Entity(namespace, mention_count)
  WHERE e.namespace = $p.namespace AND e.mention_count IS NOT NULL
  RETURN count(e) AS entities
}
CALL () {
  MATCH (c:Conversation)
  USING INDEX c:Conversation(namespace, conversation_id)
  WHERE c.namespace = $p.namespace AND c.conversation_id IS NOT NULL
  RETURN count(c) AS conversations
}
CALL (meta) {
  MATCH (i:Item)
  USING INDEX i:Item(namespace, position)
  WHERE i.namespace = $p.namespace AND i.position IS NOT NULL
  RETURN count(i) AS items, sum(COUNT {
    MATCH (i)-[:HAS_VECTOR]->(v:ItemVector)
    WHERE v.model = coalesce(i.embedder, meta.embedding_model)
  }) AS item_vectors
}
RETURN memories, live, short_term, archived, vectors, entities, mentions, conversations, links, memory_links, merged,
  access_count, reinforcement_count, items, item_vectors;
