// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { nothingStored } from "../src/frame";
import { differences, marked } from "../src/merges";
import { withPassage } from "../src/memory";
import { history, reasonOf, relations } from "../src/relations";
import { duration } from "../src/timeline";
import type { LinkedMemory, MemoryPage, State } from "../src/types";
import { memory } from "./samples";

const link = (values: Partial<LinkedMemory> = {}): LinkedMemory => ({ kind: "SIMILAR_TO", outgoing: true, score: 0.9, guard: null, reason: null, memory: memory({ memory_id: "m2" }), ...values });
const page = (values: Partial<MemoryPage> = {}): MemoryPage => ({ memory: memory(), links: [], merged_from: [], merged_into: [], undo: null, successor: null, replaced: [], versions: [], facts: [], ...values });
const go = () => undefined;
const texts = (elements: (Element | null)[]) => elements.map((element) => element?.textContent ?? "");

describe("relations", () => {
  it("are none where there are none", () => {
    expect(relations(page(), go)).toEqual([]);
  });
  it("tell who may outdate whom", () => {
    const outdated = { kind: "POSSIBLY_OUTDATED_BY" } as const;
    expect(texts(relations(page({ links: [link({ ...outdated, outgoing: true })] }), go))[0]).toBe("May be outdated by");
    expect(texts(relations(page({ links: [link({ ...outdated, outgoing: false })] }), go))[0]).toBe("May outdate");
  });
  it("put the most similar first", () => {
    const links = [link({ score: 0.8, memory: memory({ content: "less" }) }), link({ score: 0.95, memory: memory({ content: "more" }) })];
    const [title, first, second] = texts(relations(page({ links }), go));
    expect([title, first!.slice(0, 4), second!.slice(0, 4)]).toEqual(["Similar", "more", "less"]);
  });
});

describe("reasonOf", () => {
  it("says why two are kept apart", () => {
    expect(reasonOf(link())).toBeNull();
    expect(reasonOf(link({ guard: "refused" }))).toBe("kept apart by hand");
    expect(reasonOf(link({ guard: "number", reason: "3 and 4" }))).toBe("kept apart by number: 3 and 4");
    expect(reasonOf(link({ guard: "type" }))).toBe("kept apart by type");
  });
  it("says what differs in what may be outdated", () => {
    expect(reasonOf(link({ kind: "POSSIBLY_OUTDATED_BY", guard: "time", reason: "moved" }))).toBe("moved");
    expect(reasonOf(link({ kind: "POSSIBLY_OUTDATED_BY", guard: "time" }))).toBeNull();
  });
});

describe("withPassage", () => {
  const withMarks = (content: string, text: string) => withPassage(content, { start: 0, end: text.length, text, score: 0.5 }).map((part) => (part instanceof Element ? `[${part.textContent}]` : part));
  it("marks what answers", () => {
    expect(withMarks("one two three", "two")).toEqual(["one ", "[two]", " three"]);
  });
  it("marks nothing where there is nothing, or the content is another one by now", () => {
    expect(withPassage("one two", undefined)).toEqual(["one two"]);
    expect(withMarks("one two", "three")).toEqual(["one two"]);
  });
});

describe("history", () => {
  it("is in the order of time, and leaves out what never was", () => {
    const element = history(page({ memory: memory({ timestamp: 100, created_at: 300, archived_at: 200, reinforcement_count: 2 }) }));
    const events = [...element.querySelectorAll("li span")].map((item) => item.textContent);
    expect(events).toEqual(["happened", "archived", "stored", "said 2 more times"]);
  });
});

describe("differences", () => {
  it("are none between equals", () => {
    expect(differences([memory(), memory()])).toBe("All their other fields are the same.");
  });
  it("name the fields", () => {
    const other = memory({ memory_type: "semantic", metadata: { speaker: "Tom" }, importance_score: 0.7 });
    expect(differences([memory(), other])).toBe("They differ in type, speaker, importance; the merged memory unites them.");
  });
  it("pass over the order of mentions and parts of a second", () => {
    const mentions = ["a", "b"].map((key) => ({ key, name: key, label: "PERSON" }));
    const first = memory({ entities: mentions, timestamp: 100.1 });
    const second = memory({ entities: [...mentions].reverse(), timestamp: 100.4 });
    expect(differences([first, second])).toBe("All their other fields are the same.");
  });
});

describe("marked", () => {
  const marks = (text: string, other: string) => marked(text, other).filter((part) => typeof part !== "string").map((part) => part.textContent);
  it("marks words the other text has not", () => {
    expect(marks("Nora rows on Sundays", "Nora swims on Sundays")).toEqual(["rows"]);
  });
  it("passes over case and signs", () => {
    expect(marks("Nora rows!", "nora ROWS")).toEqual([]);
  });
  it("knows letters of all languages", () => {
    expect(marks("Zoë läuft", "Zoe läuft")).toEqual(["Zoë"]);
  });
  it("keeps the text whole", () => {
    const parts = marked("a  b\nc", "b").map((part) => (typeof part === "string" ? part : part.textContent));
    expect(parts.join("")).toBe("a  b\nc");
  });
});

describe("duration", () => {
  it("is told in hours, days, then months", () => {
    expect(duration(3600)).toBe("1 hour");
    expect(duration(86399)).toBe("24 hours");
    expect(duration(86400 * 3)).toBe("3 days");
    expect(duration(86400 * 61)).toBe("2 months");
  });
});

describe("nothingStored", () => {
  it("offers at most five other namespaces", () => {
    const names = ["home", "a", "b", "c", "d", "e", "f"];
    const told = texts(nothingStored({ namespace: "home", namespaces: names } as State)).join("\n");
    expect(told).toContain("“home”");
    expect(told).toContain("a, b, c, d, e.");
  });
  it("offers none where there is none", () => {
    expect(nothingStored({ namespace: "home", namespaces: ["home"] } as State).at(-1)).toBeNull();
  });
});
