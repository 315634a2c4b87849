// Memories, nodes and graphs for tests: what is left out has plain values.
import Graph from "graphology";
import type { DrawnNode, ShownMemory } from "../src/types";

export function memory(values: Partial<ShownMemory> = {}): ShownMemory {
  return {
    memory_id: "m1",
    content: "Nora rows on Sundays",
    memory_type: "episodic",
    timestamp: 1_700_000_000,
    importance_score: 0.5,
    access_count: 0,
    last_accessed: null,
    metadata: {},
    relevance_score: null,
    decay_factor: null,
    namespace: "default",
    conversation_id: null,
    user_id: null,
    agent_id: null,
    session_id: null,
    tags: [],
    entities: [],
    created_at: null,
    updated_at: null,
    reinforcement_count: 0,
    expires_at: null,
    lifetime: "long_term",
    refresh_seconds: null,
    archived_at: null,
    consolidated_into: null,
    possibly_outdated_by: [],
    last_said_at: null,
    version: 1,
    standing: null,
    standing_at: null,
    valid_until: null,
    superseded_by: null,
    supersedes: 0,
    passages: [],
    explanation: null,
    ...values,
  };
}

export function node(id: string, values: Partial<DrawnNode> = {}): DrawnNode {
  const kind = id.split(":")[0] as DrawnNode["kind"];
  return { id, kind, label: id, ...(kind === "memory" ? { type: "episodic", time: 1000, importance: 0.5 } : {}), ...values };
}

export function graphOf(nodes: DrawnNode[], edges: [string, string, string?][] = []): Graph {
  const graph = new Graph({ multi: true, type: "directed" });
  for (const item of nodes) graph.addNode(item.id, { ...item });
  for (const [from, to, kind = "MENTIONS"] of edges) graph.addEdgeWithKey(`${from} ${kind} ${to}`, from, to, { kind });
  return graph;
}
