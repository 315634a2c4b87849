// Nodes follow the pointer that holds them.
import type Graph from "graphology";
import type Sigma from "sigma";

export function enableDrag(sigma: Sigma, graph: Graph, moved: (id: string) => void): void {
  let dragged: string | undefined;
  sigma.on("downNode", ({ node }) => (dragged = node));
  sigma.on("moveBody", ({ event }) => {
    if (dragged === undefined || !graph.hasNode(dragged)) return;
    const place = sigma.viewportToGraph(event);
    graph.mergeNodeAttributes(dragged, { x: place.x, y: place.y });
    moved(dragged);
    event.preventSigmaDefault();
    event.original.preventDefault();
    event.original.stopPropagation();
  });
  const drop = () => (dragged = undefined);
  sigma.on("upNode", drop);
  sigma.on("upStage", drop);
}
