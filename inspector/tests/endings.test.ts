// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { EndingFields, endingOf, endRows, localTime } from "../src/endings";
import { narrowed } from "../src/narrowed";
import type { Api } from "../src/api";
import { history } from "../src/relations";
import { statistics } from "../src/upkeep";
import type { DrawnGraph, MemoryPage, MemoryStats } from "../src/types";
import { memory, node } from "./samples";

const NOW = 1_700_000_000;

describe("endingOf", () => {
  it("tells how long it still is", () => {
    const told = [30, 600, 7200, 3 * 86400, 90 * 86400].map((left) => endingOf(memory({ expires_at: NOW + left }), NOW));
    expect(told).toEqual(["ends in 1 minute", "ends in 10 minutes", "ends in 2 hours", "ends in 3 days", "ends in 3 months"]);
    expect(endingOf(memory({ expires_at: NOW }), NOW)).toBe("ended");
    expect(endingOf(memory(), NOW)).toBeUndefined();
  });
});

describe("endRows", () => {
  it("tell lifetime and end, and what recalls do", () => {
    expect(endRows(memory(), NOW)).toEqual([["Lifetime", "long-term"], ["End", "never"]]);
    const refreshed = endRows(memory({ expires_at: NOW + 86400 * 2, refresh_seconds: 86400 * 30 }), NOW);
    expect([refreshed[1]![1].endsWith("(ends in 2 days)"), refreshed[2]]).toEqual([true, ["Recalled", "it has another 30 days"]]);
    expect(endRows(memory({ lifetime: "short_term", expires_at: NOW + 1 }), NOW)[0]).toEqual(["Lifetime", "short-term"]);
  });
});

describe("history", () => {
  it("tells a memory that ends from a short-term one", () => {
    const told = (lifetime: "long_term" | "short_term") => history({ memory: memory({ expires_at: NOW, lifetime }), merged_from: [] as unknown } as MemoryPage).textContent;
    expect(told("long_term")).toMatch(/ends$/);
    expect(told("short_term")).toMatch(/is forgotten, as it is short-term$/);
  });
});

describe("EndingFields", () => {
  const made = (values = {}) => {
    const fields = new EndingFields(memory({ tags: ["a, b", "c"], expires_at: NOW + 0.5, ...values }));
    document.body.replaceChildren(...fields.elements);
    return { fields, tags: document.querySelector<HTMLTextAreaElement>("#edit-tags")!, end: document.querySelector<HTMLInputElement>("#edit-end")! };
  };

  it("change nothing by themselves, not even a part of a second", () => {
    expect(made().fields.changes).toEqual({});
  });
  it("tell what was changed, and how it was", () => {
    const { fields, tags, end } = made();
    tags.value = " c \n\nd";
    end.value = localTime(NOW + 60);
    expect(fields.changes).toEqual({ tags: ["c", "d"], expires_at: NOW + 60 });
    expect(fields.before).toEqual({ tags: ["a, b", "c"], expires_at: NOW + 0.5 });
    end.value = "";
    expect(fields.changes.expires_at).toBe("never");
    expect(made({ expires_at: null }).fields.before.expires_at).toBe("never");
  });
});

describe("narrowed", () => {
  const graph = (ids: string[]): DrawnGraph => ({ namespace: "default", nodes: ids.map((id) => node(id)), edges: [], left_out: 0 });
  const api = (where: string[]) => ({ where, alone: () => Promise.resolve(graph(["memory:a", "entity:x"])) }) as unknown as Api;

  it("leaves all as it is without conditions", async () => {
    const update = { graph: graph(["memory:a", "memory:b"]), changed: ["a", "b"] };
    expect(await narrowed(api([]), update)).toBe(update);
  });
  it("takes away what does not meet them", async () => {
    const told = await narrowed(api(["{}"]), { graph: graph(["memory:a", "memory:b"]), changed: ["a", "b"], new: ["b"], recalled: ["c"], gone: ["d"] });
    expect(told).toMatchObject({ changed: ["a"], new: [], recalled: [], gone: ["d", "b", "c"] });
    expect(told.graph!.nodes.map(({ id }) => id)).toEqual(["memory:a", "entity:x"]);
  });
  it("loads the graph again where much changed", async () => {
    const ids = Array.from({ length: 101 }, (_, i) => String(i));
    expect(await narrowed(api(["{}"]), { graph: graph([]), changed: ids })).toEqual({ reload: true });
  });
});

describe("statistics", () => {
  const stats = (tags: Record<string, number>) => ({ total_memories: 1200, memory_type_distribution: { semantic: 7 }, tags, short_term_memories: 0, archived_memories: 2, total_entities: 3, total_conversations: 4 }) as unknown as MemoryStats;
  it("count memories and tags, each of which leads to its memories", () => {
    const asked: string[] = [];
    document.body.replaceChildren(...statistics(stats({ work: 3 }), (tag) => asked.push(tag)).filter((one) => one !== null));
    expect(document.querySelector("dl")!.textContent).toContain("Memories1,200semantic7");
    document.querySelector<HTMLButtonElement>(".tag")!.click();
    expect([document.querySelector(".tag")!.textContent, asked]).toEqual(["work 3", ["work"]]);
  });
  it("have no tags where there are none", () => {
    expect(statistics(stats({}), () => undefined).slice(1)).toEqual([null, null]);
  });
});
