import { describe, expect, it, vi } from "vitest";
import type { Api } from "../src/api";
import type { GraphView } from "../src/graph";
import { Pages } from "../src/pages";
import type { DrawnGraph } from "../src/types";
import { graphOf, node } from "./samples";

const SIZE = 10;
const drawn = (left_out: number, sparse = false): DrawnGraph => ({ namespace: "default", nodes: [], edges: [], left_out, sparse, exponent: 0.5 });

/** Pages over a view whose edge is reached as often as `atEdge` says, with `inView` nodes in view. */
function setUp(atEdge: number, inView: string[] = []) {
  let left = atEdge;
  const graph = vi.fn<Api["graph"]>();
  const neighbours = vi.fn<Api["neighbours"]>(() => Promise.resolve(drawn(0)));
  const merge = vi.fn<GraphView["merge"]>();
  const shown = graphOf(inView.map((id) => node(id)));
  const view = {
    graph: shown,
    merge,
    node: (id: string) => shown.getNodeAttributes(id),
    nodesInView: () => inView.map((id) => ({ id, x: 0, y: 0, linked: false })),
    camera: { isAtEdge: () => left-- > 0 },
  } as unknown as GraphView;
  const pages = new Pages({ graph, neighbours } as unknown as Api, view, SIZE, () => undefined);
  return { pages, graph, neighbours, merge };
}

describe("Pages", () => {
  it("asks for older memories where the edge is in view, after those that came", async () => {
    const { pages, graph } = setUp(1);
    pages.reset(drawn(25));
    expect(pages.total).toBe(35);
    graph.mockResolvedValueOnce(drawn(15));
    await pages.loadVisible(false);
    expect(graph.mock.calls).toEqual([[SIZE, false, 10]]);
    expect([pages.left, pages.total]).toEqual([15, 35]);
  });
  it("goes on until the edge is out of view or all is there", async () => {
    const { pages, graph } = setUp(9);
    pages.reset(drawn(15));
    graph.mockResolvedValueOnce(drawn(5)).mockResolvedValueOnce(drawn(0));
    await pages.loadVisible(false);
    expect(graph.mock.calls.map(([, , skip]) => skip)).toEqual([10, 20]);
    expect(pages.left).toBe(0);
  });
  it("asks for nothing where everything is there", async () => {
    const { pages, graph } = setUp(9, ["memory:a"]);
    pages.reset(drawn(0));
    await pages.loadVisible(false);
    expect(await pages.loadOlder(false)).toBe(false);
    expect(graph).not.toHaveBeenCalled();
  });
  it("moves the next page up by what was removed", async () => {
    const { pages, graph } = setUp(0);
    pages.reset(drawn(25));
    pages.adjust(1, 3);
    expect(pages.total).toBe(33);
    graph.mockResolvedValueOnce(drawn(15));
    await pages.loadOlder(true);
    expect(graph.mock.calls[0]).toEqual([SIZE, true, 7]);
  });
  it("asks once for what hangs on memories one looks at closely", async () => {
    const { pages, neighbours } = setUp(0, ["memory:a", "entity:x"]);
    pages.reset(drawn(0, true));
    await pages.loadVisible(false);
    await pages.loadVisible(false);
    expect(neighbours.mock.calls).toEqual([[["a"]]]);
  });
  it("asks for no neighbours where many memories are in view", async () => {
    const { pages, neighbours } = setUp(0, Array.from({ length: 41 }, (_, i) => `memory:${i}`));
    pages.reset(drawn(0, true));
    await pages.loadVisible(false);
    expect(neighbours).not.toHaveBeenCalled();
  });
});
