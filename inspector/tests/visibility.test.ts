import { describe, expect, it } from "vitest";
import { seconds } from "../src/filters";
import { TYPES } from "../src/palette";
import type { DrawnNode } from "../src/types";
import { type Filter, hiddenNodes, isOver, strengthAt } from "../src/visibility";
import { graphOf, node } from "./samples";

const everything: Filter = {
  types: new Set(Object.keys(TYPES)),
  kinds: new Set(["entity", "conversation"]),
  minImportance: 0,
  minStrength: 0,
  since: undefined,
  until: undefined,
};
const sample = () =>
  graphOf(
    [
      node("memory:old", { time: 100, importance: 0.2 }),
      node("memory:new", { time: 200, importance: 0.9, type: "semantic" }),
      node("entity:both"),
      node("entity:old"),
    ],
    [
      ["memory:old", "entity:both"],
      ["memory:new", "entity:both"],
      ["memory:old", "entity:old"],
    ],
  );
const hidden = (filter: Partial<Filter>, asOf?: number, strength: (item: DrawnNode) => number = () => 1) =>
  [...hiddenNodes(sample(), { ...everything, ...filter }, asOf, strength).hidden].sort();

describe("hiddenNodes", () => {
  it("hides nothing by itself", () => {
    expect(hidden({})).toEqual([]);
    expect(hiddenNodes(sample(), undefined, undefined, () => 1).hidden.size).toBe(0);
  });
  it("hides other types, and entities that only hidden memories mention", () => {
    expect(hidden({ types: new Set(["semantic"]) })).toEqual(["entity:old", "memory:old"]);
  });
  it("hides what is less important", () => {
    expect(hidden({ minImportance: 0.5 })).toEqual(["entity:old", "memory:old"]);
  });
  it("hides what was before the first day or is not before the last", () => {
    expect(hidden({ since: 150 })).toEqual(["entity:old", "memory:old"]);
    expect(hidden({ until: 200 })).toEqual(["memory:new"]);
  });
  it("hides what was not there yet at the chosen time", () => {
    expect(hidden({}, 150)).toEqual(["memory:new"]);
    expect(hidden({}, 200)).toEqual([]);
  });
  it("hides what has faded", () => {
    expect(hidden({ minStrength: 0.5 }, undefined, (item) => (item.id === "memory:old" ? 0.4 : 0.6))).toEqual(["entity:old", "memory:old"]);
  });
  it("hides a kind of nodes", () => {
    expect(hidden({ kinds: new Set(["conversation"]) })).toEqual(["entity:both", "entity:old"]);
  });
  it("hides and counts entities that wait for a second memory", () => {
    const graph = graphOf([node("memory:a"), node("entity:x", { lone: true })], [["memory:a", "entity:x"]]);
    const first = hiddenNodes(graph, everything, undefined, () => 1);
    expect([[...first.hidden], first.lone]).toEqual([["entity:x"], 1]);
    graph.addNode("memory:b", node("memory:b"));
    graph.addEdge("memory:b", "entity:x");
    expect(hiddenNodes(graph, everything, undefined, () => 1)).toEqual({ hidden: new Set(), lone: 0 });
  });
});

describe("strengthAt", () => {
  const faded = node("memory:a", { since: 1000, loss: 0.5 });
  it("is whole at first and before", () => {
    expect(strengthAt(faded, 1000, 0.5)).toBe(1);
    expect(strengthAt(faded, 0, 0.5)).toBe(1);
  });
  it("follows the power law of the days since", () => {
    expect(strengthAt(faded, 1000 + 3 * 86400, 0.5)).toBeCloseTo((1 + (0.5 * 3) / 0.5) ** -0.5);
  });
  it("stays whole without a loss", () => {
    expect(strengthAt(node("memory:b"), 1e9, 0.5)).toBe(1);
  });
});

describe("seconds", () => {
  it("is the beginning of a day here", () => {
    expect(seconds("2024-03-01")).toBe(new Date(2024, 2, 1).getTime() / 1000);
  });
  it("is nothing for an empty field", () => {
    expect(seconds("")).toBeUndefined();
  });
});

describe("isOver", () => {
  it("follows the time that is shown", () => {
    const item = node("memory:old", { until: 100 });
    expect([99, 100, 101].map((at) => isOver(item, at))).toEqual([false, true, true]);
    expect(isOver(node("memory:plain"), 100)).toBe(false);
  });
});
