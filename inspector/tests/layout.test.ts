import { describe, expect, it } from "vitest";
import { framing } from "../src/camera";
import { bounds, extentOf, placeBeside, placeOutside } from "../src/layout";
import { graphOf, node } from "./samples";

const ring = (count: number, radius = 10) =>
  Array.from({ length: count }, (_, i) => node(`memory:${i}`, { x: radius * Math.cos(i), y: radius * Math.sin(i) }));
const at = (graph: ReturnType<typeof graphOf>, id: string) => {
  const { x, y } = graph.getNodeAttributes(id) as { x: number; y: number };
  return { x, y, radius: Math.hypot(x, y) };
};

describe("bounds", () => {
  it("gives the least and the greatest", () => {
    expect(bounds([3, -2, 7])).toEqual([-2, 7]);
  });
  it("is empty for nothing", () => {
    expect(bounds([])).toEqual([Infinity, -Infinity]);
  });
});

describe("extentOf", () => {
  it("takes a unit where there is next to nothing", () => {
    expect(extentOf(graphOf(ring(2)))).toEqual({ reach: 1, spacing: 1 });
  });
  it("passes over nodes without a place", () => {
    const graph = graphOf([...ring(20), node("memory:new", { x: NaN, y: NaN })]);
    expect(extentOf(graph).reach).toBeCloseTo(10);
  });
  it("passes over a straggler", () => {
    const graph = graphOf([...ring(99), node("memory:far", { x: 1000, y: 0 })]);
    expect(extentOf(graph).reach).toBeCloseTo(10);
  });
  it("has more room for each of fewer nodes", () => {
    expect(extentOf(graphOf(ring(10))).spacing).toBeGreaterThan(extentOf(graphOf(ring(100))).spacing);
  });
});

describe("placeBeside", () => {
  it("puts a node near what it hangs on, and moves nothing else", () => {
    const graph = graphOf([...ring(50), node("entity:x", { x: NaN, y: NaN })], [["memory:0", "entity:x"]]);
    placeBeside(graph, ["entity:x"]);
    const home = at(graph, "memory:0");
    const place = at(graph, "entity:x");
    expect(Math.hypot(place.x - home.x, place.y - home.y)).toBeLessThan(2 * extentOf(graph).spacing);
    expect(home).toMatchObject({ x: 10, y: 0 });
  });
  it("puts nodes of one neighbour apart", () => {
    const names = ["entity:a", "entity:b", "entity:c"];
    const graph = graphOf([...ring(50), ...names.map((id) => node(id, { x: NaN, y: NaN }))], names.map((id) => ["memory:0", id]));
    placeBeside(graph, names);
    expect(new Set(names.map((id) => at(graph, id).x.toFixed(6))).size).toBe(3);
  });
  it("puts what hangs on nothing outside", () => {
    const graph = graphOf([...ring(50), node("memory:new", { x: NaN, y: NaN })]);
    placeBeside(graph, ["memory:new"]);
    expect(at(graph, "memory:new").radius).toBeCloseTo(10.5);
  });
});

describe("placeOutside", () => {
  it("puts a page around what is there", () => {
    const fresh = ["memory:a", "memory:b", "memory:c"];
    const graph = graphOf([...ring(50), ...fresh.map((id) => node(id, { x: NaN, y: NaN }))]);
    placeOutside(graph, fresh);
    for (const id of fresh) expect(at(graph, id).radius).toBeGreaterThan(10 - extentOf(graph).spacing);
  });
  it("keeps a conversation together", () => {
    const fresh = ["conversation:c", "memory:a", "memory:b"];
    const graph = graphOf([
      ...ring(50),
      node("memory:a", { x: NaN, y: NaN, conversation: "c", time: 1 }),
      node("memory:b", { x: NaN, y: NaN, conversation: "c", time: 2 }),
      node("conversation:c", { x: NaN, y: NaN }),
    ]);
    placeOutside(graph, fresh);
    const far = (id: string) => Math.hypot(at(graph, id).x - at(graph, "conversation:c").x, at(graph, id).y - at(graph, "conversation:c").y);
    expect(far("memory:a")).toBeLessThan(2 * extentOf(graph).spacing);
    expect(far("memory:b")).toBeLessThan(2 * extentOf(graph).spacing);
    expect(far("memory:b")).toBeGreaterThan(0);
  });
});

describe("framing", () => {
  it("stands over the middle, with a margin", () => {
    expect(framing([{ x: 0, y: 0 }, { x: 0.4, y: 0.2 }], 1.1, 1.25)).toEqual({ x: 0.2, y: 0.1, ratio: 0.5 });
  });
  it("goes no nearer than one node needs", () => {
    expect(framing([{ x: 0.3, y: 0.3 }], 1.1, 1.25).ratio).toBe(0.12);
  });
  it("goes no farther than asked", () => {
    expect(framing([{ x: 0, y: 0 }, { x: 9, y: 9 }], 1.1, 1.25).ratio).toBe(1.1);
  });
});
