// How nodes and edges appear: by type, strength, and whether they are chosen, lit or filtered out.
import type Graph from "graphology";
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import { mix, ofCommunity, ofType, SHADES, type Theme } from "./palette";
import { short } from "./text";
import type { DrawnNode } from "./types";

/** Edges from which on those that do not stand out are hairlines, which are drawn far faster. */
const HAIRS = 1500;

/** Edges from which on they are left out while the picture moves. */
export const MANY_EDGES = 4000;

/** Edges from which on only those of what is chosen or lit are drawn: the others would be a grey disc. */
const TOO_MANY_EDGES = 15000;

/** What is left of the strength of a memory that holds no more. */
const OUTDATED = 0.5;

const STRONG = new Set(["SIMILAR_TO", "POSSIBLY_OUTDATED_BY", "CONSOLIDATED_INTO"]);

export type Colouring = "type" | "community";

/** What there is to see. */
export interface Scene {
  graph: Graph;
  theme: Theme;
  colouring: Colouring;
  selected: string | undefined;
  hovered: string | undefined;
  lit: { nodes: Set<string>; edges: Set<string> } | undefined;
  seeds: Set<string>;
  /** Until when nodes are shown as new (milliseconds). */
  fresh: Map<string, number>;
  hidden: Set<string>;
  communities: Record<string, number>;
  /** Whether nothing of what a memory says holds at the chosen time. */
  over: (node: DrawnNode) => boolean;
  /** How much of a memory's strength is left at the chosen time, in [0, 1]. */
  strength: (node: DrawnNode) => number;
}

export function nodeAppearance(scene: Scene, id: string, data: DrawnNode & NodeDisplayData): Partial<NodeDisplayData> {
  const { x, y } = data;
  if (scene.hidden.has(id)) return { x, y, type: "node", hidden: true };
  const shade = SHADES[scene.theme];
  const order = scene.graph.order;
  const small = Math.min(1, (300 / order) ** 0.28);
  const lit = scene.lit?.nodes.has(id) ?? false;
  const focus = id === scene.selected || id === scene.hovered;
  const dim = scene.lit !== undefined && !lit && !focus;
  let size: number;
  let color: string;
  if (data.kind === "memory") {
    const over = scene.over(data);
    const strength = data.archived ? 0.15 : scene.strength(data) * (over ? OUTDATED : 1);
    size = 3 + 9 * (data.importance ?? 0.5) * (0.35 + 0.65 * strength);
    color = scene.colouring === "type" ? ofType(data.type, scene.theme) : ofCommunity(scene.communities[id] ?? 0, scene.theme);
    color = mix(over ? shade.talk : color, shade.paper, 0.7 * (1 - strength));
  } else if (data.kind === "entity") {
    size = 3.5 + Math.min(9, 1.9 * Math.log2(1 + (data.mentions ?? 1)));
    color = shade.entity;
  } else {
    size = 6;
    color = shade.talk;
  }
  size *= small;
  if (lit) size = Math.max(size * 1.25, 6);
  const fresh = (scene.fresh.get(id) ?? 0) > Date.now();
  const seed = scene.seeds.has(id);
  if (fresh || seed) size += 3;
  return {
    x,
    y,
    type: "node",
    size,
    color: fresh ? shade.lit : dim && !seed ? mix(color, shade.paper, 0.84) : color,
    label: dim ? null : short(data.label ?? "", lit || focus || fresh ? 44 : 26),
    forceLabel: (lit && scene.lit!.nodes.size <= 24) || fresh || focus,
    highlighted: focus || fresh,
    zIndex: lit || focus || fresh ? 3 : dim ? 0 : data.kind === "entity" ? 2 : 1,
  };
}

export function edgeAppearance(scene: Scene, id: string, data: EdgeDisplayData & { kind: string }): Partial<EdgeDisplayData> {
  const shade = SHADES[scene.theme];
  const { graph } = scene;
  const source = graph.source(id);
  const target = graph.target(id);
  if (scene.hidden.has(source) || scene.hidden.has(target)) return { type: "hair", hidden: true };
  const hair = graph.size > HAIRS ? "hair" : "line";
  const crowded = graph.size > TOO_MANY_EDGES;
  if (scene.lit) {
    if (scene.lit.edges.has(id)) return { type: "line", color: shade.lit, size: 2.4, zIndex: 2 };
    return { type: hair, hidden: crowded, color: shade.faint, size: 0.5, zIndex: 0 };
  }
  const focus = scene.hovered ?? scene.selected;
  const near = focus !== undefined && (focus === source || focus === target);
  const strong = STRONG.has(data.kind);
  if (!near && !strong && crowded) return { type: "hair", hidden: true };
  // The more there are, the fainter, so that they do not become a cloth.
  const line = mix(shade.line, shade.paper, Math.min(0.65, graph.size / MANY_EDGES));
  const color = near ? mix(shade.line, shade.ink, 0.5) : strong ? mix(shade.line, shade.lit, 0.6) : line;
  return { type: near || strong ? "line" : hair, color, size: near || strong ? 1.8 : 1, zIndex: near ? 1 : 0 };
}
