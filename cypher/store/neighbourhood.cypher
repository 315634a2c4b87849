// The graph one step around memories and entities (none with $p.depth 0), in one round trip. A step leads from a memory
// over its rarest entities to their newest memories, and along its conversation to its neighbours. Every fan-out comes
// off an index that ends at its limit, so the work does not grow with the graph. Returns
//   entities: lists of number, key, name, label, mention_count; those that were followed
//   memories: lists of arrival, id and depth
//   mentions: lists of a memory's arrival, the numbers of entities it mentions, and of those of them that are its title
//   follows: lists of the arrivals of a memory and the next one of its conversation
// Mentions and follows join what this step reached and what earlier ones did ($p.met_ids and $p.met_keys).
CALL () {
  UNWIND $p.memory_ids AS id
  MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
  WHERE m.scope = $p.scope
    AND /* include filter */
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
    UNWIND CASE WHEN $p.depth > 0 THEN entities ELSE [] END AS e
    CALL (e) {
      MATCH ()-[r:MENTIONS]->()
      USING INDEX r:MENTIONS(scope, entity, epoch)
      WHERE r.scope = $p.scope AND r.entity = e.number AND r.epoch IS NOT NULL
      WITH r, startNode(r) AS m
      WHERE CASE WHEN $p.unfiltered THEN /* include lasting */ ELSE /* include filter */ END
      RETURN m
      ORDER BY r.scope DESC, r.entity DESC, r.epoch DESC, m.memory_id LIMIT $p.memories_per_entity
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
      RETURN m
      ORDER BY m.scope, m.conversation_id, m.epoch, m.arrival LIMIT $p.conversation_steps
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
    WHERE /* include filter */
    RETURN m, 1 AS steps
  }
  WITH m, min(steps) AS depth
  RETURN collect([m, depth]) AS reached
}
CALL (reached) {
  CALL (reached) {
    UNWIND reached AS pair
    RETURN pair[0] AS m
    UNION
    UNWIND $p.met_ids AS id
    MATCH (m:Memory {namespace: $p.namespace, memory_id: id})
    RETURN m
  }
  RETURN collect(m) AS met
}
CALL (entities) {
  CALL (entities) {
    UNWIND entities AS e
    RETURN e
    UNION
    UNWIND $p.met_keys AS key
    MATCH (e:Entity {namespace: $p.namespace, key: key})
    RETURN e
  }
  // From an entity with few mentions there are fewer ways to look at than from all memories; never from a hub.
  RETURN collect(CASE WHEN e.mention_count <= $p.few_mentions THEN e END) AS rare,
    collect(CASE WHEN e.mention_count > $p.few_mentions THEN e END) AS common
}
CALL (met, rare, common) {
  CALL (met, rare, common) {
    UNWIND met AS m
    RETURN m, true AS is_met, null AS number, null AS title
    UNION ALL
    UNWIND rare AS e
    MATCH ()-[r:MENTIONS]->()
    USING INDEX r:MENTIONS(scope, entity, epoch)
    WHERE r.scope = $p.scope AND r.entity = e.number AND r.epoch IS NOT NULL
    RETURN startNode(r) AS m, false AS is_met, e.number AS number,
      CASE r.label WHEN $p.title_label THEN e.number END AS title
    UNION ALL
    UNWIND CASE common WHEN [] THEN [] ELSE met END AS m
    MATCH (m)-[r:MENTIONS]->(e)
    WHERE e IN common
    RETURN m, false AS is_met, e.number AS number, CASE r.label WHEN $p.title_label THEN e.number END AS title
  }
  WITH m, max(is_met) AS is_met, collect(number) AS numbers, collect(title) AS titles
  WHERE is_met AND numbers <> []
  RETURN collect([m.arrival, numbers, titles]) AS mentions
}
CALL (met) {
  UNWIND met AS m
  WITH m.conversation_id AS conversation, collect(m) AS turns
  WHERE conversation IS NOT NULL AND size(turns) > 1
  UNWIND turns AS m
  MATCH (m)-[:NEXT]->(following)
  RETURN collect([m.arrival, following.arrival]) AS follows
}
RETURN [e IN entities | [e.number, e.key, e.name, e.label, e.mention_count]] AS entities, mentions, follows,
  [pair IN reached | [pair[0].arrival, pair[0].memory_id, pair[1]]] AS memories;
