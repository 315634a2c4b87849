"""Looks at the graph itself, for what the store does not tell."""

from __future__ import annotations

import json

from neo4j import GraphDatabase

from coda_graphmem.store.neo4j.connection import scope_of
from coda_graphmem.store.neo4j.rows import filtered_by
from tests.servers import Server

_FLAWS = {
    "mention counts": """
        MATCH (e:Entity) WHERE e.namespace STARTS WITH $prefix
        WITH e, COUNT { (e)<-[:MENTIONS]-(m:Memory) WHERE m.scope IS NOT NULL } AS mentions
        WHERE mentions <> e.mention_count OR NOT EXISTS { (e)<-[:MENTIONS]-() }
        RETURN e.key, e.mention_count, mentions""",
    "mentions": """
        MATCH (m:Memory)-[r:MENTIONS]->(e) WHERE m.namespace STARTS WITH $prefix
          AND (r.epoch <> m.epoch OR r.entity <> e.number OR coalesce(r.scope, '') <> coalesce(m.scope, ''))
        RETURN m.memory_id, e.key""",
    "entity numbers": """
        MATCH (e:Entity) WHERE e.namespace STARTS WITH $prefix
        WITH e.namespace AS namespace, e.number AS number, count(*) AS times WHERE times > 1 OR number IS NULL
        RETURN namespace, number""",
    "counters": """
        MATCH (n:Namespace) WHERE n.name STARTS WITH $prefix
        WITH n, COUNT { MATCH (m:Memory) WHERE m.namespace = n.name AND m.scope IS NOT NULL } AS live
        WHERE live <> n.memory_count RETURN n.memory_count, live""",
    "scopes": """
        MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix
        WITH m, m.expires_at IS NULL AND m.archived_at IS NULL AS live
        WHERE live <> (m.scope IS NOT NULL) RETURN m.memory_id""",
    "arrivals": """
        MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix
        WITH m.namespace AS namespace, m.arrival AS arrival, count(*) AS number
        WHERE number > 1 OR arrival IS NULL RETURN namespace, arrival""",
    "strays": """
        MATCH (m:Memory)-[r]-(other) WHERE m.namespace STARTS WITH $prefix AND m.namespace <> other.namespace
        RETURN m.memory_id, type(r)""",
    "empty conversations": """
        MATCH (c:Conversation) WHERE c.namespace STARTS WITH $prefix AND NOT EXISTS { (c)<-[:PART_OF]-() }
        RETURN c.conversation_id""",
    "times of change": """
        MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix
          AND NOT coalesce(m.changed_at >= m.created_at AND m.changed_at >= coalesce(m.updated_at, m.created_at), false)
        RETURN m.memory_id, m.changed_at, m.created_at, m.updated_at""",
    "merges": """
        MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix
        WITH m, COLLECT {
            MATCH (m)-[r:CONSOLIDATED_INTO]->(n) RETURN [n.memory_id, r.run_id, r.merged_at]
          } AS found, [m.consolidated_into, m.consolidation_run, m.archived_at] AS expected
        WHERE CASE WHEN m.consolidated_into IS NULL THEN size(found) <> 0 ELSE found <> [expected] END
        RETURN m.memory_id, found, expected""",
    "links": """
        MATCH (m:Memory)-[r:SIMILAR_TO|POSSIBLY_OUTDATED_BY]->(n) WHERE m.namespace STARTS WITH $prefix
        WITH type(r) AS kind, CASE WHEN type(r) = 'SIMILAR_TO' AND m.arrival > n.arrival THEN [n, m] ELSE [m, n] END
          AS pair, count(*) AS times, collect(m = n) AS loops
        WHERE times > 1 OR true IN loops RETURN kind, [m IN pair | m.memory_id]""",
    "statements": """
        MATCH (m:Memory)-[r:SAYS_OF]->(s) WHERE m.namespace STARTS WITH $prefix
          AND (r.namespace <> m.namespace OR r.subject_key <> s.key OR s.namespace <> m.namespace)
        RETURN m.memory_id, r.subject_key, s.key""",
    "subjects": """
        MATCH (s:Subject) WHERE s.namespace STARTS WITH $prefix AND NOT EXISTS { (s)<-[:SAYS_OF|ABOUT]-() }
        RETURN s.key""",
    "facts": """
        MATCH (f:Fact) WHERE f.namespace STARTS WITH $prefix
          AND (NOT EXISTS { (f)<-[:STATES]-() } OR COUNT { (f)-[:ABOUT]->(:Subject) } <> 1
            OR COUNT { (f)-[:FOLLOWED_BY]->() } > 1 OR COUNT { (f)-[:ENDED_BY]->() } > 1)
        RETURN f.fact_id, f.value""",
    "what is over": """
        MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix
        WITH m, EXISTS { (m)-[:STATES]->(f:Fact) WHERE f.over_since IS NOT NULL } AS by_facts
        WHERE m.over_share IS NOT NULL AND NOT by_facts AND coalesce(m.standing, 'reinstated') = 'reinstated'
        RETURN m.memory_id, m.over_reason""",
    "stray facts": """
        MATCH (f)-[r]-(other) WHERE f.namespace STARTS WITH $prefix AND (f:Fact OR f:MemoryVersion OR f:Subject)
          AND f.namespace <> other.namespace
        RETURN f.namespace, type(r)""",
    "versions": """
        MATCH (v:MemoryVersion) WHERE v.namespace STARTS WITH $prefix
          AND NOT EXISTS { (v)<-[:WAS]-(m:Memory) WHERE m.memory_id = v.memory_id AND m.version > v.version }
        RETURN v.memory_id, v.version""",
    "passages": """
        MATCH (p:Passage) WHERE p.namespace STARTS WITH $prefix
          AND COUNT { (p)<-[:HAS_PASSAGE]-(m:Memory) WHERE m.namespace = p.namespace } <> 1
        RETURN p.namespace, p.first""",
    "labels": """
        MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix AND size(labels(m)) <> 2 RETURN labels(m)""",
}

_CHAINS = """
    MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix AND m.scope IS NOT NULL AND m.conversation_id IS NOT NULL
    WITH m ORDER BY m.epoch, m.arrival
    RETURN m.namespace AS namespace, m.conversation_id AS conversation_id, collect(m.memory_id) AS expected,
      collect([(m)-[:NEXT]->(n) | n.memory_id]) AS following
"""

_VALUES = """
    MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix
    RETURN m, [(m)-[:MENTIONS]->(e) | e.key] AS entity_keys
"""


def check_graph(server: Server, prefix: str) -> None:
    """Assert that counters, chains, edges and keys of the namespaces with a prefix say what the memories say."""
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        for name, query in _FLAWS.items():
            records, _, _ = driver.execute_query(query, prefix=prefix, database_=server.database)
            assert [record.data() for record in records] == [], name
        records, _, _ = driver.execute_query(_CHAINS, prefix=prefix, database_=server.database)
        for record in records:
            expected = record["expected"]
            assert record["following"] == [*([[name] for name in expected[1:]]), []], record["conversation_id"]
        for record in driver.execute_query(_VALUES, prefix=prefix, database_=server.database).records:
            m = record["m"]
            expected = filtered_by(m, json.loads(m["metadata"]), m.get("tags", ()), record["entity_keys"])
            assert {name: m.get(name) for name in expected} == expected, m["memory_id"]
        records, _, _ = driver.execute_query(
            "MATCH (m:Memory) WHERE m.namespace STARTS WITH $prefix AND m.scope IS NOT NULL "
            "RETURN DISTINCT m.namespace AS namespace, m.scope AS scope",
            prefix=prefix,
            database_=server.database,
        )
        assert all(record["scope"] == scope_of(record["namespace"]) for record in records)
