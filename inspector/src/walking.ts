// What keys do where the graph has the focus: steps from node to node, and what is done at the one that one stands on.
import type { GraphView } from "./graph";
import { listenToKeys } from "./keys";
import { say } from "./notices";
import { count } from "./text";

interface Handlers {
  find: () => void;
  /** Chooses a node; undefined for none. */
  select: (id: string | undefined) => void;
  expand: (id: string) => void;
  all: () => void;
}

export function walkByKeys(stage: HTMLElement, view: GraphView, handlers: Handlers): void {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
  const moves = Object.entries(steps).flatMap(([key, [across, down]]) => [
    [key, () => step(view, across, down)] as const,
    [`Shift+${key}`, () => view.camera.move(across, down)] as const,
  ]);
  listenToKeys(stage, {
    find: handlers.find,
    leave: () => handlers.select(undefined),
    graph: {
      ...Object.fromEntries(moves),
      Enter: () => handlers.select(view.hovered ?? view.selected),
      x: () => view.hovered && handlers.expand(view.hovered),
      "+": () => view.camera.zoom(0.7),
      "-": () => view.camera.zoom(1.4),
      "0": () => handlers.all(),
    },
  });
}

/** Goes on to the next node in a direction; where there is none in view, moves the picture. */
function step(view: GraphView, across: number, down: number): void {
  const id = view.step(across, down);
  if (id === undefined) {
    view.camera.move(across, down);
    say("Nothing further in view; the picture moved.");
    return;
  }
  const node = view.node(id);
  say(`${node.label}. ${node.kind === "memory" ? `${node.type} memory` : node.kind}, ${count(view.graph.degree(id), "link")}.`);
}
