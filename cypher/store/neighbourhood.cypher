// The graph around memories and entities, $depth steps wide (0 to 4), in one round trip. One step leads from a memory
// over its rarest entities to their newest memories, and along its conversation to its neighbours. Every fan-out is
// bounded, so the work does not grow with the graph. Returns the memories with their depth, the keys of what they
// mention and the id of the next memory of their conversation, and the entities that were followed.
MATCH (meta:GraphMemoryMeta {name: 'coda_graphmem'})
WHERE $vector IS NULL OR $model IS NULL OR meta.embedding_model = $model
CALL () {
  UNWIND $memory_ids AS id
  MATCH (m:Memory {namespace: $namespace, memory_id: id})
  WHERE m.scope = $scope
    AND m.memory_type IN $memory_types
    AND $min_importance <= m.importance_score <= $max_importance
    AND $since <= m.epoch < $until
    AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
    AND all(token IN $metadata WHERE token IN m.metadata_index)
  RETURN collect([m, 0]) AS reached0
}
CALL () {
  UNWIND $entity_keys AS key
  MATCH (e:Entity {namespace: $namespace, key: key})
  WHERE e.mention_count <= $max_mentions
  RETURN collect([e, 0]) AS followed0
}

// Step 1: the entities of the memories reached last, those that were not followed before ...
CALL (reached0, followed0) {
  CALL (reached0) {
    UNWIND CASE WHEN $depth >= 1 THEN reached0 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 0
    CALL (s) {
      MATCH (s)-[:MENTIONS]->(e:Entity)
      WHERE e.mention_count <= $max_mentions
      RETURN e ORDER BY e.mention_count, e.key LIMIT $entities_per_memory
    }
    RETURN collect(DISTINCT e) AS found
  }
  UNWIND followed0 + [e IN found | [e, 1]] AS pair
  WITH pair[0] AS e, min(pair[1]) AS step
  RETURN collect([e, step]) AS followed1
}
// ... then their memories, and the neighbours in the conversations.
CALL (reached0, followed1) {
  CALL (followed1) {
    UNWIND followed1 AS pair
    WITH pair[0] AS e, pair[1] AS step
    WHERE $depth >= 1 AND step <= 1
    CALL (e) {
      MATCH (e)<-[:MENTIONS]-(m:Memory)
      WHERE m.scope = $scope
        AND m.memory_type IN $memory_types
        AND $min_importance <= m.importance_score <= $max_importance
        AND $since <= m.epoch < $until
        AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
        AND all(token IN $metadata WHERE token IN m.metadata_index)
      RETURN m ORDER BY m.epoch DESC, m.memory_id LIMIT $memories_per_entity
    }
    RETURN collect(DISTINCT m) AS by_entity
  }
  CALL (reached0) {
    UNWIND CASE WHEN $depth >= 1 THEN reached0 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 0 AND s.conversation_id IS NOT NULL
    CALL (s) {
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch >= s.epoch AND n.arrival IS NOT NULL AND (n.epoch > s.epoch OR n.arrival > s.arrival)
      RETURN n AS m ORDER BY n.epoch, n.arrival LIMIT $conversation_steps
      UNION
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch <= s.epoch AND n.arrival IS NOT NULL AND (n.epoch < s.epoch OR n.arrival < s.arrival)
      RETURN n AS m ORDER BY n.epoch DESC, n.arrival DESC LIMIT $conversation_steps
    }
    WITH m
    WHERE m.memory_type IN $memory_types
      AND $min_importance <= m.importance_score <= $max_importance
      AND $since <= m.epoch < $until
      AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
      AND all(token IN $metadata WHERE token IN m.metadata_index)
    RETURN collect(DISTINCT m) AS by_conversation
  }
  UNWIND reached0 + [m IN by_entity + by_conversation | [m, 1]] AS pair
  WITH pair[0] AS m, min(pair[1]) AS depth
  RETURN collect([m, depth]) AS reached1
}

// Step 2: the entities of the memories reached last, those that were not followed before ...
CALL (reached1, followed1) {
  CALL (reached1) {
    UNWIND CASE WHEN $depth >= 2 THEN reached1 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 1
    CALL (s) {
      MATCH (s)-[:MENTIONS]->(e:Entity)
      WHERE e.mention_count <= $max_mentions
      RETURN e ORDER BY e.mention_count, e.key LIMIT $entities_per_memory
    }
    RETURN collect(DISTINCT e) AS found
  }
  UNWIND followed1 + [e IN found | [e, 2]] AS pair
  WITH pair[0] AS e, min(pair[1]) AS step
  RETURN collect([e, step]) AS followed2
}
// ... then their memories, and the neighbours in the conversations.
CALL (reached1, followed2) {
  CALL (followed2) {
    UNWIND followed2 AS pair
    WITH pair[0] AS e, pair[1] AS step
    WHERE $depth >= 2 AND step = 2
    CALL (e) {
      MATCH (e)<-[:MENTIONS]-(m:Memory)
      WHERE m.scope = $scope
        AND m.memory_type IN $memory_types
        AND $min_importance <= m.importance_score <= $max_importance
        AND $since <= m.epoch < $until
        AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
        AND all(token IN $metadata WHERE token IN m.metadata_index)
      RETURN m ORDER BY m.epoch DESC, m.memory_id LIMIT $memories_per_entity
    }
    RETURN collect(DISTINCT m) AS by_entity
  }
  CALL (reached1) {
    UNWIND CASE WHEN $depth >= 2 THEN reached1 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 1 AND s.conversation_id IS NOT NULL
    CALL (s) {
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch >= s.epoch AND n.arrival IS NOT NULL AND (n.epoch > s.epoch OR n.arrival > s.arrival)
      RETURN n AS m ORDER BY n.epoch, n.arrival LIMIT $conversation_steps
      UNION
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch <= s.epoch AND n.arrival IS NOT NULL AND (n.epoch < s.epoch OR n.arrival < s.arrival)
      RETURN n AS m ORDER BY n.epoch DESC, n.arrival DESC LIMIT $conversation_steps
    }
    WITH m
    WHERE m.memory_type IN $memory_types
      AND $min_importance <= m.importance_score <= $max_importance
      AND $since <= m.epoch < $until
      AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
      AND all(token IN $metadata WHERE token IN m.metadata_index)
    RETURN collect(DISTINCT m) AS by_conversation
  }
  UNWIND reached1 + [m IN by_entity + by_conversation | [m, 2]] AS pair
  WITH pair[0] AS m, min(pair[1]) AS depth
  RETURN collect([m, depth]) AS reached2
}

// Step 3: the entities of the memories reached last, those that were not followed before ...
CALL (reached2, followed2) {
  CALL (reached2) {
    UNWIND CASE WHEN $depth >= 3 THEN reached2 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 2
    CALL (s) {
      MATCH (s)-[:MENTIONS]->(e:Entity)
      WHERE e.mention_count <= $max_mentions
      RETURN e ORDER BY e.mention_count, e.key LIMIT $entities_per_memory
    }
    RETURN collect(DISTINCT e) AS found
  }
  UNWIND followed2 + [e IN found | [e, 3]] AS pair
  WITH pair[0] AS e, min(pair[1]) AS step
  RETURN collect([e, step]) AS followed3
}
// ... then their memories, and the neighbours in the conversations.
CALL (reached2, followed3) {
  CALL (followed3) {
    UNWIND followed3 AS pair
    WITH pair[0] AS e, pair[1] AS step
    WHERE $depth >= 3 AND step = 3
    CALL (e) {
      MATCH (e)<-[:MENTIONS]-(m:Memory)
      WHERE m.scope = $scope
        AND m.memory_type IN $memory_types
        AND $min_importance <= m.importance_score <= $max_importance
        AND $since <= m.epoch < $until
        AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
        AND all(token IN $metadata WHERE token IN m.metadata_index)
      RETURN m ORDER BY m.epoch DESC, m.memory_id LIMIT $memories_per_entity
    }
    RETURN collect(DISTINCT m) AS by_entity
  }
  CALL (reached2) {
    UNWIND CASE WHEN $depth >= 3 THEN reached2 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 2 AND s.conversation_id IS NOT NULL
    CALL (s) {
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch >= s.epoch AND n.arrival IS NOT NULL AND (n.epoch > s.epoch OR n.arrival > s.arrival)
      RETURN n AS m ORDER BY n.epoch, n.arrival LIMIT $conversation_steps
      UNION
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch <= s.epoch AND n.arrival IS NOT NULL AND (n.epoch < s.epoch OR n.arrival < s.arrival)
      RETURN n AS m ORDER BY n.epoch DESC, n.arrival DESC LIMIT $conversation_steps
    }
    WITH m
    WHERE m.memory_type IN $memory_types
      AND $min_importance <= m.importance_score <= $max_importance
      AND $since <= m.epoch < $until
      AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
      AND all(token IN $metadata WHERE token IN m.metadata_index)
    RETURN collect(DISTINCT m) AS by_conversation
  }
  UNWIND reached2 + [m IN by_entity + by_conversation | [m, 3]] AS pair
  WITH pair[0] AS m, min(pair[1]) AS depth
  RETURN collect([m, depth]) AS reached3
}

// Step 4: the entities of the memories reached last, those that were not followed before ...
CALL (reached3, followed3) {
  CALL (reached3) {
    UNWIND CASE WHEN $depth >= 4 THEN reached3 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 3
    CALL (s) {
      MATCH (s)-[:MENTIONS]->(e:Entity)
      WHERE e.mention_count <= $max_mentions
      RETURN e ORDER BY e.mention_count, e.key LIMIT $entities_per_memory
    }
    RETURN collect(DISTINCT e) AS found
  }
  UNWIND followed3 + [e IN found | [e, 4]] AS pair
  WITH pair[0] AS e, min(pair[1]) AS step
  RETURN collect([e, step]) AS followed4
}
// ... then their memories, and the neighbours in the conversations.
CALL (reached3, followed4) {
  CALL (followed4) {
    UNWIND followed4 AS pair
    WITH pair[0] AS e, pair[1] AS step
    WHERE $depth >= 4 AND step = 4
    CALL (e) {
      MATCH (e)<-[:MENTIONS]-(m:Memory)
      WHERE m.scope = $scope
        AND m.memory_type IN $memory_types
        AND $min_importance <= m.importance_score <= $max_importance
        AND $since <= m.epoch < $until
        AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
        AND all(token IN $metadata WHERE token IN m.metadata_index)
      RETURN m ORDER BY m.epoch DESC, m.memory_id LIMIT $memories_per_entity
    }
    RETURN collect(DISTINCT m) AS by_entity
  }
  CALL (reached3) {
    UNWIND CASE WHEN $depth >= 4 THEN reached3 ELSE [] END AS pair
    WITH pair[0] AS s, pair[1] AS depth
    WHERE depth = 3 AND s.conversation_id IS NOT NULL
    CALL (s) {
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch >= s.epoch AND n.arrival IS NOT NULL AND (n.epoch > s.epoch OR n.arrival > s.arrival)
      RETURN n AS m ORDER BY n.epoch, n.arrival LIMIT $conversation_steps
      UNION
      MATCH (n:Memory)
      WHERE n.scope = $scope AND n.conversation_id = s.conversation_id
        AND n.epoch <= s.epoch AND n.arrival IS NOT NULL AND (n.epoch < s.epoch OR n.arrival < s.arrival)
      RETURN n AS m ORDER BY n.epoch DESC, n.arrival DESC LIMIT $conversation_steps
    }
    WITH m
    WHERE m.memory_type IN $memory_types
      AND $min_importance <= m.importance_score <= $max_importance
      AND $since <= m.epoch < $until
      AND ($conversation_id IS NULL OR m.conversation_id = $conversation_id)
      AND all(token IN $metadata WHERE token IN m.metadata_index)
    RETURN collect(DISTINCT m) AS by_conversation
  }
  UNWIND reached3 + [m IN by_entity + by_conversation | [m, 4]] AS pair
  WITH pair[0] AS m, min(pair[1]) AS depth
  RETURN collect([m, depth]) AS reached4
}

RETURN COLLECT {
  UNWIND reached4 AS pair
  WITH pair[0] AS m, pair[1] AS depth
  RETURN {
    depth: depth, arrival: m.arrival, memory_id: m.memory_id, timestamp: m.epoch,
    similarity: CASE WHEN $vector IS NOT NULL AND m[meta.vector_property] IS NOT NULL
      THEN 2 * vector.similarity.cosine(m[meta.vector_property], $vector) - 1 END,
    importance_score: m.importance_score, created_at: m.created_at, access_count: m.access_count,
    last_accessed: m.last_accessed, reinforcement_count: m.reinforcement_count, memory_type: m.memory_type,
    conversation_id: m.conversation_id, speaker: m.speaker, word_count: m.word_count, is_question: m.is_question,
    mentions: [(m)-[:MENTIONS]->(e:Entity) | e.key],
    follows: [(m)-[:NEXT]->(n:Memory) | n.memory_id]
  }
} AS memories,
COLLECT {
  UNWIND followed4 AS pair
  WITH pair[0] AS e
  RETURN e {.key, .name, .label, .mention_count}
} AS entities;
