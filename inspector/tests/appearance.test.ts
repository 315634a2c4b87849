import { describe, expect, it } from "vitest";
import { edgeAppearance, nodeAppearance, type Scene } from "../src/appearance";
import { mix, ofCommunity, ofType, SHADES, TYPES } from "../src/palette";
import { graphOf, node } from "./samples";

const graph = graphOf([node("memory:a"), node("memory:b"), node("entity:x")], [
  ["memory:a", "entity:x"],
  ["memory:a", "memory:b", "SIMILAR_TO"],
]);
const scene = (values: Partial<Scene> = {}): Scene => ({
  graph,
  theme: "light",
  colouring: "type",
  selected: undefined,
  hovered: undefined,
  lit: undefined,
  seeds: new Set(),
  fresh: new Map(),
  hidden: new Set(),
  communities: {},
  strength: () => 1,
  over: () => false,
  ...values,
});
const look = (values: Partial<Scene>, id = "memory:a") => nodeAppearance(scene(values), id, graph.getNodeAttributes(id) as never);
const edge = (values: Partial<Scene>, id = "memory:a MENTIONS entity:x") => edgeAppearance(scene(values), id, graph.getEdgeAttributes(id) as never);

describe("mix", () => {
  it("gives either end", () => {
    expect(mix("#102030", "#ffffff", 0)).toBe("#102030");
    expect(mix("#102030", "#ffffff", 1)).toBe("#ffffff");
  });
  it("gives the middle, padded", () => {
    expect(mix("#000000", "#0a0a0a", 0.5)).toBe("#050505");
  });
});

describe("colours", () => {
  it("differ by theme", () => {
    expect(ofType("semantic", "light")).toBe(TYPES.semantic![0]);
    expect(ofType("semantic", "dark")).toBe(TYPES.semantic![1]);
  });
  it("take an unknown type for contextual", () => {
    expect(ofType("unheard-of", "light")).toBe(TYPES.contextual![0]);
    expect(ofType(undefined, "light")).toBe(TYPES.contextual![0]);
  });
  it("begin anew after the last community", () => {
    expect(ofCommunity(8, "light")).toBe(ofCommunity(0, "light"));
    expect(ofCommunity(1, "light")).not.toBe(ofCommunity(0, "light"));
  });
});

describe("nodeAppearance", () => {
  it("hides what is filtered out", () => {
    expect(look({ hidden: new Set(["memory:a"]) }).hidden).toBe(true);
  });
  it("has the colour of the type while strong, and pales as it fades", () => {
    expect(look({}).color).toBe(ofType("episodic", "light"));
    expect(look({ strength: () => 0.2 }).color).not.toBe(ofType("episodic", "light"));
  });
  it("is smaller the weaker it is", () => {
    expect(look({ over: () => true }).color).not.toBe(look({}).color);
    expect(look({ over: () => true }).size).toBeLessThan(look({}).size!);
    expect(look({ strength: () => 0.2 }).size).toBeLessThan(look({}).size!);
  });
  it("loses its label where others are lit", () => {
    const lit = { nodes: new Set(["memory:b"]), edges: new Set<string>() };
    expect(look({ lit }).label).toBeNull();
    expect(look({ lit }, "memory:b").forceLabel).toBe(true);
  });
  it("stands out where it is chosen or new", () => {
    expect(look({ selected: "memory:a" }).highlighted).toBe(true);
    expect(look({ fresh: new Map([["memory:a", Date.now() + 1000]]) }).color).toBe(SHADES.light.lit);
    expect(look({ fresh: new Map([["memory:a", Date.now() - 1000]]) }).highlighted).toBe(false);
  });
});

describe("edgeAppearance", () => {
  it("is hidden where an end is", () => {
    expect(edge({ hidden: new Set(["entity:x"]) }).hidden).toBe(true);
  });
  it("is thicker between similar memories and at what is chosen", () => {
    const plain = edge({}).size!;
    expect(edge({}, "memory:a SIMILAR_TO memory:b").size).toBeGreaterThan(plain);
    expect(edge({ selected: "entity:x" }).size).toBeGreaterThan(plain);
  });
  it("is lit on a lit path alone", () => {
    const lit = { nodes: new Set(["memory:a", "entity:x"]), edges: new Set(["memory:a MENTIONS entity:x"]) };
    expect(edge({ lit }).color).toBe(SHADES.light.lit);
    expect(edge({ lit }, "memory:a SIMILAR_TO memory:b").color).toBe(SHADES.light.faint);
  });
});
