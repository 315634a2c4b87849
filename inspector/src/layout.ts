// Places for nodes that join a graph which is in view already: nothing that is there moves.
import type Graph from "graphology";
import type { DrawnNode } from "./types";

/** The angle that spreads points evenly over a disc (radians). */
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** How many nodes there are for each unit of area, and how far from the middle they reach. */
export interface Extent {
  reach: number;
  spacing: number;
}

export function extentOf(graph: Graph): Extent {
  const radii: number[] = [];
  graph.forEachNode((_, node) => {
    if (Number.isFinite(node.x as number)) radii.push(Math.hypot(node.x as number, node.y as number));
  });
  if (radii.length < 3) return { reach: 1, spacing: 1 };
  radii.sort((a, b) => a - b);
  // The outermost stragglers say little of how far the graph reaches.
  const reach = radii[Math.floor(radii.length * 0.97)]! || 1;
  return { reach, spacing: reach * Math.sqrt(Math.PI / radii.length) };
}

/** Puts nodes beside those they hang on. */
export function placeBeside(graph: Graph, ids: string[]): void {
  const { spacing, reach } = extentOf(graph);
  const beside = new Map<string, number>();
  for (const id of ids) {
    const near = graph.neighbors(id).filter((other) => Number.isFinite(graph.getNodeAttribute(other, "x") as number));
    const key = near[0] ?? "";
    const count = (beside.get(key) ?? 0) + 1;
    beside.set(key, count);
    const angle = count * GOLDEN + graph.order;
    const step = near.length ? spacing * (0.55 + 0.3 * Math.sqrt(count)) : reach * 1.05;
    const mean = (axis: string) => near.reduce((sum, other) => sum + (graph.getNodeAttribute(other, axis) as number), 0) / (near.length || 1);
    graph.mergeNodeAttributes(id, { x: mean("x") + step * Math.cos(angle), y: mean("y") + step * Math.sin(angle) });
  }
}

/** Puts a page of older nodes around what is there, each conversation together, as the seeds of a sunflower lie. */
export function placeOutside(graph: Graph, ids: string[]): void {
  const { spacing, reach } = extentOf(graph);
  const groups = new Map<string, string[]>();
  const others: string[] = [];
  for (const id of ids) {
    const node = graph.getNodeAttributes(id) as unknown as DrawnNode;
    if (node.kind === "entity") others.push(id);
    else {
      const name = node.kind === "conversation" ? id : node.conversation ? `conversation:${node.conversation}` : "";
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name)!.push(id);
    }
  }
  // A unit of area for each node: then all is as dense as what is there.
  const area = spacing * spacing;
  let filled = Math.PI * reach * reach;
  let turn = graph.order;
  const put = (members: string[], x: number, y: number) =>
    members.forEach((id, i) => {
      const radius = spacing * Math.sqrt((i + 0.5) / Math.PI);
      graph.mergeNodeAttributes(id, { x: x + radius * Math.cos(i * GOLDEN), y: y + radius * Math.sin(i * GOLDEN) });
    });
  for (const [name, members] of groups) {
    members.sort((a, b) => rank(graph, a) - rank(graph, b));
    const room = members.length * area;
    if (name === "") {
      // On their own: one after the other around the rest.
      for (const id of members) {
        filled += area;
        const radius = Math.sqrt(filled / Math.PI);
        put([id], radius * Math.cos(turn * GOLDEN), radius * Math.sin(turn * GOLDEN));
        turn += 1;
      }
      continue;
    }
    filled += room;
    const radius = Math.sqrt((filled - room / 2) / Math.PI) + spacing;
    put(members, radius * Math.cos(turn * GOLDEN), radius * Math.sin(turn * GOLDEN));
    turn += 1;
  }
  placeBeside(graph, others);
}

/** A conversation lies in the middle of what was said in it, the newest next to it. */
function rank(graph: Graph, id: string): number {
  const node = graph.getNodeAttributes(id) as unknown as DrawnNode;
  return node.kind === "conversation" ? -Infinity : -(node.time ?? 0);
}

/** The least and the greatest of some numbers. */
export function bounds(values: number[]): [number, number] {
  return values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}
