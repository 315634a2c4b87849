// What the API sends.

export type NodeKind = "memory" | "entity" | "conversation";

export interface DrawnNode {
  id: string;
  kind: NodeKind;
  label: string;
  type?: string;
  time?: number;
  importance?: number;
  archived?: boolean;
  conversation?: string;
  speaker?: string;
  /** Since when (seconds, UTC) and how fast a memory fades; see `GraphView.strengthOf`. */
  since?: number;
  loss?: number;
  mentions?: number;
  /** Of what is there a single memory mentions it: it shows as soon as another does. */
  lone?: boolean;
  x?: number;
  y?: number;
}

export interface DrawnGraph {
  namespace: string;
  nodes: DrawnNode[];
  edges: [number, number, string][];
  /** Older memories that no page brought so far. */
  left_out: number;
  sparse: boolean;
  exponent: number;
}

export interface ConversationPage {
  memories: Memory[];
  left_out: number;
}

export interface GraphPath {
  seed_id: string | null;
  via: string;
  entity_key: string | null;
  depth: number;
}

export interface Explanation {
  similarity: number | null;
  text_score: number;
  parts: Record<string, number>;
  sources: string[];
  paths: GraphPath[];
}

export interface Memory {
  memory_id: string;
  content: string;
  memory_type: string;
  timestamp: number;
  importance_score: number;
  access_count: number;
  last_accessed: number | null;
  metadata: Record<string, unknown>;
  relevance_score: number | null;
  decay_factor: number | null;
  conversation_id: string | null;
  entities: { key: string; name: string; label: string }[];
  created_at: number | null;
  updated_at: number | null;
  reinforcement_count: number;
  expires_at: number | null;
  archived_at: number | null;
  consolidated_into: string | null;
  possibly_outdated_by: string[];
  explanation: Explanation | null;
}

export interface State {
  version: string;
  store: string;
  namespace: string;
  namespaces: string[];
  read_only: boolean;
  semantic_search: boolean;
  stats: {
    total_memories: number;
    archived_memories: number;
    total_entities: number;
    total_conversations: number;
    oldest_timestamp: number | null;
    newest_timestamp: number | null;
  };
}

export interface Answers {
  results: Memory[];
  graph: DrawnGraph;
}

export interface LinkedMemory {
  kind: "SIMILAR_TO" | "POSSIBLY_OUTDATED_BY";
  outgoing: boolean;
  score: number;
  guard: string | null;
  reason: string | null;
  memory: Memory;
}

export interface Merge {
  run_id: string;
  merged_at: number;
  merged_id: string;
  originals: Memory[];
  merged: Memory | null;
}

export interface MemoryPage {
  memory: Memory;
  links: LinkedMemory[];
  merged_from: Merge[];
  merged_into: Merge[];
  /** The run whose undoing brings an original of a merge back. */
  undo: string | null;
}

/** An entity with the newest of its memories. */
export interface EntityPage {
  node: DrawnNode;
  in_all: number;
  memories: DrawnNode[];
  graph: DrawnGraph;
}

export interface ConsolidationProposal {
  merged: { source_ids: string[]; kept_id: string; content: string };
  merged_id: string | null;
  lowest_similarity: number;
}

export interface PairVerdict {
  first_id: string;
  second_id: string;
  similarity: number;
  verdict: string;
  guard: string | null;
  reason: string | null;
}

export interface Review {
  run_id: string;
  dry_run: boolean;
  memories_considered: number;
  pairs_compared: number;
  proposals: ConsolidationProposal[];
  refused: PairVerdict[];
  refused_in_all: number;
  memories: Record<string, Memory>;
}

export interface JobRun {
  run_id: string;
  job: string;
  namespace: string | null;
  started_at: number;
  finished_at: number | null;
  status: string;
  changed: number;
  summary: Record<string, unknown>;
  error: string | null;
}

export interface JobStatus {
  name: string;
  about: string;
  interval_hours: number | null;
  last_run: JobRun | null;
  next_due: number | null;
}

export interface MemoryHealth {
  overall_score: number;
  issues: { kind: string; severity: string; count: number; message: string; remedy: string }[];
}

export interface LiveUpdate {
  ready?: boolean;
  reload?: boolean;
  changed?: string[];
  new?: string[];
  gone?: string[];
  graph?: DrawnGraph;
  recalls?: number;
  /** Memories that were recalled. */
  recalled?: string[];
  error?: string;
}
