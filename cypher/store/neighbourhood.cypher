// The graph one step around memories and entities (none with $depth 0), in one round trip. A step leads from a memory
// over its rarest entities to their newest memories, and along its conversation to its neighbours. Every fan-out is
// bounded, so the work does not grow with the graph. Returns the memories with their depth, the keys of what they
// mention and the id of the next memory of their conversation, and the entities that were followed.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $p.vector IS NULL OR $p.model IS NULL OR meta.embedding_model = $p.model
CALL () {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  WHERE m.scope = $p.scope
    AND m.memory_type IN $p.memory_types
    AND $p.min_importance <= m.importance_score <= $p.max_importance
    AND $p.since <= m.epoch < $p.until
    AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
    AND all(token IN $p.metadata WHERE token IN m.metadata_index)
  RETURN collect(m) AS start, CASE WHEN $p.depth > 0 THEN collect(m) ELSE [] END AS frontier
}
CALL (frontier) {
  CALL (frontier) {
    UNWIND $p.entity_keys AS key
    MATCH (e:Entity {namespace: $p.namespace, key: key})
    WHERE e.mention_count <= $p.max_mentions
    RETURN e
    UNION
    UNWIND frontier AS s
    CALL (s) {
      MATCH (s)-[:MENTIONS]->(e)
      WHERE $p.min_mentions <= e.mention_count <= $p.max_mentions
      RETURN e ORDER BY e.mention_count, e.key LIMIT $p.entities_per_memory
    }
    RETURN e
  }
  RETURN collect(e) AS entities
}
CALL (start, frontier, entities) {
  CALL (start, frontier, entities) {
    UNWIND start AS m
    RETURN m, 0 AS steps
    UNION ALL
    UNWIND entities AS e
    CALL (e) {
      MATCH (e)<-[:MENTIONS]-(m)
      WITH m
      WHERE $p.depth > 0 AND m.scope = $p.scope
        AND m.memory_type IN $p.memory_types
        AND $p.min_importance <= m.importance_score <= $p.max_importance
        AND $p.since <= m.epoch < $p.until
        AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
        AND all(token IN $p.metadata WHERE token IN m.metadata_index)
      RETURN m ORDER BY m.epoch DESC, m.memory_id LIMIT $p.memories_per_entity
    }
    RETURN m, 1 AS steps
    UNION ALL
    UNWIND frontier AS s
    CALL (s) {
      MATCH (m:Memory)
      USING INDEX m:Memory(scope, conversation_id, epoch, arrival)
      WHERE m.scope = $p.scope AND m.conversation_id = s.conversation_id
        AND m.epoch >= s.epoch AND m.arrival IS NOT NULL
        AND CASE WHEN m.epoch = s.epoch THEN m.arrival > s.arrival ELSE true END
      RETURN m ORDER BY m.scope, m.conversation_id, m.epoch, m.arrival LIMIT $p.conversation_steps
      UNION ALL
      MATCH (m:Memory)
      USING INDEX m:Memory(scope, conversation_id, epoch, arrival)
      WHERE m.scope = $p.scope AND m.conversation_id = s.conversation_id
        AND m.epoch <= s.epoch AND m.arrival IS NOT NULL
        AND CASE WHEN m.epoch = s.epoch THEN m.arrival < s.arrival ELSE true END
      RETURN m
      ORDER BY m.scope DESC, m.conversation_id DESC, m.epoch DESC, m.arrival DESC LIMIT $p.conversation_steps
    }
    WITH m
    WHERE m.memory_type IN $p.memory_types
      AND $p.min_importance <= m.importance_score <= $p.max_importance
      AND $p.since <= m.epoch < $p.until
      AND ($p.conversation_id IS NULL OR m.conversation_id = $p.conversation_id)
      AND all(token IN $p.metadata WHERE token IN m.metadata_index)
    RETURN m, 1 AS steps
  }
  WITH m, min(steps) AS depth
  RETURN collect([m, depth]) AS reached
}
RETURN [e IN entities | e {.key, .name, .label, .mention_count}] AS entities, COLLECT {
  UNWIND reached AS pair
  WITH pair[0] AS m, pair[1] AS depth
  RETURN {
    depth: depth, arrival: m.arrival, memory_id: m.memory_id, timestamp: m.epoch,
    similarity: CASE WHEN $p.vector IS NOT NULL AND m[meta.vector_property] IS NOT NULL
      THEN 2 * vector.similarity.cosine(m[meta.vector_property], $p.vector) - 1 END,
    importance_score: m.importance_score, created_at: m.created_at, access_count: m.access_count,
    last_accessed: m.last_accessed, reinforcement_count: m.reinforcement_count, memory_type: m.memory_type,
    conversation_id: m.conversation_id, speaker: m.speaker, word_count: m.word_count, is_question: m.is_question,
    mentions: [(m)-[:MENTIONS]->(e) | e.key],
    follows: [(m)-[:NEXT]->(n) | n.memory_id]
  }
} AS memories;
