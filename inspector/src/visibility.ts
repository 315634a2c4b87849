// Which nodes are shown: by filters and by the time one looks at.
import type Graph from "graphology";
import type { DrawnNode } from "./types";

export interface Filter {
  types: Set<string>;
  minImportance: number;
  minStrength: number;
  since: number | undefined;
  until: number | undefined;
  kinds: Set<string>;
}

/** Whether nothing of what a memory says holds at a time (seconds, UTC). */
export function isOver(node: DrawnNode, at: number): boolean {
  return node.until !== undefined && node.until <= at;
}

/** How much of a memory's strength is left at a time (seconds, UTC), in (0, 1]. */
export function strengthAt(node: DrawnNode, at: number, exponent: number): number {
  const days = Math.max(0, at - (node.since ?? 0)) / 86400;
  return (1 + ((node.loss ?? 0) * days) / exponent) ** -exponent;
}

/**
 * Nodes that are left out.
 *
 * `lone` says how many of them wait for a second memory that mentions them: nobody filtered those out.
 */
export function hiddenNodes(
  graph: Graph,
  filter: Filter | undefined,
  asOf: number | undefined,
  strengthOf: (node: DrawnNode) => number,
): { hidden: Set<string>; lone: number } {
  const hidden = new Set<string>();
  let alone = 0;
  const until = Math.min(filter?.until ?? Infinity, asOf === undefined ? Infinity : asOf + 1);
  graph.forEachNode((id, data) => {
    const node = data as unknown as DrawnNode;
    if (node.kind !== "memory") return;
    const out =
      (node.time ?? 0) >= until ||
      (filter &&
        (!filter.types.has(node.type ?? "") ||
          (node.importance ?? 0) < filter.minImportance ||
          (filter.since !== undefined && (node.time ?? 0) < filter.since) ||
          (filter.minStrength > 0 && strengthOf(node) < filter.minStrength)));
    if (out) hidden.add(id);
  });
  graph.forEachNode((id, data) => {
    const node = data as unknown as DrawnNode;
    if (node.kind === "memory") return;
    const off = filter && !filter.kinds.has(node.kind);
    const lone = node.lone && graph.degree(id) < 2;
    if (lone) alone += 1;
    if (off || lone || graph.everyNeighbor(id, (other) => hidden.has(other))) hidden.add(id);
  });
  return { hidden, lone: alone };
}
