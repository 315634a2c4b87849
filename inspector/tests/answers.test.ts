// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { spokenSummary } from "../src/activity";
import { describePath, pathNodes, pathNodesOf, showAnswers, sourcesOf } from "../src/answers";
import { matches } from "../src/finder";
import type { Explanation } from "../src/types";
import { memory, node } from "./samples";

const path = (values = {}) => ({ seed_id: null, via: "Nora", entity_key: null, depth: 1, ...values });
const explanation = (values: Partial<Explanation> = {}): Explanation => ({ similarity: null, passage: null, text_score: 0, parts: {}, factors: {}, sources: [], paths: [], ...values });
const graph = { namespace: "default", nodes: [], edges: [], left_out: 0, sparse: false, exponent: 0.5 };

describe("pathNodes", () => {
  const found = memory({ explanation: explanation({ paths: [path({ seed_id: "s", entity_key: "nora" }), path()] }) });
  it("has results, seeds and the entities between", () => {
    const { nodes, seeds } = pathNodes({ results: [found], graph });
    expect([...nodes]).toEqual(["memory:m1", "memory:s", "entity:nora"]);
    expect([...seeds]).toEqual(["memory:s"]);
  });
  it("takes three paths of each result, and all of a single one", () => {
    const paths = ["a", "b", "c", "d"].map((seed_id) => path({ seed_id }));
    const item = memory({ explanation: explanation({ paths }) });
    expect(pathNodes({ results: [item], graph }).seeds.size).toBe(3);
    expect(pathNodesOf(item)).toEqual(new Set(["memory:m1", "memory:a", "memory:b", "memory:c", "memory:d"]));
  });
});

describe("sourcesOf", () => {
  it("names what found an answer", () => {
    const item = memory({ explanation: explanation({ sources: ["vector", "text", "graph"], similarity: 0.756, text_score: 3.21 }) });
    expect(sourcesOf(item)).toBe("Found by meaning (cosine 0.76), words (BM25 3.2), the graph");
  });
  it("says nothing without an explanation", () => {
    expect(sourcesOf(memory())).toBe("");
    expect(sourcesOf(memory({ explanation: explanation() }))).toBe("");
  });
});

describe("describePath", () => {
  const label = (id: string) => (id === "memory:s" ? "Nora rows" : undefined);
  it("goes by an entity", () => {
    expect(describePath(path({ seed_id: "s", entity_key: "nora", depth: 2 }), label)).toBe("“Nora rows” → Nora → this (2 steps)");
  });
  it("goes from the question, or from one that is not shown", () => {
    expect(describePath(path({ entity_key: "nora" }), label)).toBe("the question → Nora → this");
    expect(describePath(path({ seed_id: "t" }), label)).toBe("“another memory” → said next to it → this");
  });
});

describe("showAnswers", () => {
  const handlers = { open: () => undefined, light: () => undefined };
  it("says where nothing was found", () => {
    const element = document.createElement("div");
    showAnswers(element, "who?", { results: [], graph }, () => undefined, handlers);
    expect(element.textContent).toContain("Nothing was found");
  });
  it("lists answers as text, never as markup", () => {
    const element = document.createElement("div");
    const item = memory({ content: "<img src=x onerror=alert(1)>", relevance_score: 0.5 });
    showAnswers(element, "who?", { results: [item], graph }, () => undefined, handlers);
    expect(element.querySelector("img")).toBeNull();
    expect(element.querySelector(".said")!.textContent).toBe("<img src=x onerror=alert(1)>");
    expect(element.querySelector(".score")!.textContent).toBe("0.50");
  });
});

describe("matches", () => {
  const nodes = [node("memory:a", { label: "Nora rows", importance: 0.1 }), node("memory:b", { label: "We saw Nora", importance: 0.9 }), node("entity:nora", { label: "Nora" })];
  const ids = (...words: string[]) => matches(nodes, words).map((item) => item.id);
  it("puts entities first, then what begins with the word", () => {
    expect(ids("nora")).toEqual(["entity:nora", "memory:a", "memory:b"]);
  });
  it("wants all words, in any order", () => {
    expect(ids("rows", "nora")).toEqual(["memory:a"]);
    expect(ids("rows", "tom")).toEqual([]);
  });
});

describe("spokenSummary", () => {
  it("tells what was stored from what was changed", () => {
    expect(spokenSummary({ changed: ["a", "b", "c"], new: ["a"], gone: ["d"], recalled: ["e", "f"] })).toBe(
      "1 memory stored, 2 memories changed, 1 memory gone or merged, 2 memories recalled",
    );
  });
  it("is silent where nothing happened", () => {
    expect(spokenSummary({ ready: true, gone: [] })).toBe("");
  });
});
