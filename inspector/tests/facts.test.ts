// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { bounds, place, timelines, told } from "../src/facts";
import { standingOf, validity, versions } from "../src/standing";
import type { Fact, MemoryPage, MemoryVersion } from "../src/types";
import { memory } from "./samples";

const DAY = 86400;
const NOW = 1_700_000_000;
const go = () => undefined;

function fact(values: Partial<Fact> = {}): Fact {
  return {
    fact_id: "f",
    subject: "User",
    subject_key: "user",
    attribute: "residence",
    value: "Rome",
    value_key: "rome",
    polarity: true,
    valid_from: NOW - 10 * DAY,
    valid_until: null,
    known_from: NOW - 10 * DAY,
    known_until: null,
    confidence: 0.9,
    memory_ids: ["m1"],
    ended_by: null,
    ...values,
  };
}

const PARIS = fact({ value: "Paris", valid_from: NOW - 30 * DAY, valid_until: NOW - 10 * DAY, known_from: NOW - 30 * DAY });

describe("bounds", () => {
  it("hold all times and now", () => {
    expect(bounds([PARIS, fact()], NOW)).toEqual([NOW - 30 * DAY, NOW]);
    expect(bounds([fact({ valid_from: NOW + DAY })], NOW)).toEqual([NOW - 10 * DAY, NOW + DAY]);
  });
});

describe("place", () => {
  it("is true to time", () => {
    const [from, to] = bounds([PARIS, fact()], NOW);
    expect(place(PARIS, from, to, NOW).left).toBe(0);
    expect(place(PARIS, from, to, NOW).width).toBeCloseTo(66.7, 1);
    expect(place(fact(), from, to, NOW).left).toBeCloseTo(66.7, 1);
  });
  it("is never too narrow to be seen, nor beyond the end", () => {
    const { left, width } = place(fact({ valid_from: NOW }), NOW - DAY, NOW, NOW);
    expect(left + width).toBeLessThanOrEqual(100);
    expect(width).toBeGreaterThan(1);
  });
});

describe("timelines", () => {
  it("have a line for each attribute, and mark what is over", () => {
    const shown = timelines([PARIS, fact(), fact({ attribute: "pets", value: "Rex" })], NOW, go);
    const sections = shown.filter((element) => element.tagName === "SECTION");
    expect(sections.map((one) => one.querySelector("h4")?.textContent)).toEqual(["residence", "pets"]);
    expect([...sections[0]!.querySelectorAll("li")].map((item) => item.className)).toEqual(["over", ""]);
  });
  it("say what is denied", () => {
    expect(timelines([fact({ polarity: false })], NOW, go).at(-1)?.textContent).toContain("not Rome");
  });
});

describe("told", () => {
  it("leaves out what is not known", () => {
    expect(told(fact({ valid_from: null }))).toBe("at some time");
    expect(told(fact({ valid_from: null, valid_until: NOW }))).toMatch(/^until /);
    expect(told(PARIS)).toMatch(/^from .* until /);
  });
});

describe("standingOf", () => {
  it("knows what holds, in part, or no more", () => {
    expect(standingOf(memory(), NOW)).toBeUndefined();
    expect(standingOf(memory({ valid_until: NOW + 1 }), NOW)).toBeUndefined();
    expect(standingOf(memory({ valid_until: NOW }), NOW)).toBe("outdated");
    expect(standingOf(memory({ superseded_by: "m2" }), NOW)).toBe("partly outdated");
    expect(standingOf(memory({ standing: "retracted", valid_until: NOW }), NOW)).toBe("retracted");
  });
});

describe("validity", () => {
  const page = (values: Partial<MemoryPage>): MemoryPage => ({ memory: memory(), links: [], merged_from: [], merged_into: [], undo: null, successor: null, replaced: [], versions: [], facts: [], ...values });
  const said = (values: Partial<MemoryPage>) => validity(page(values), go).map((element) => element?.textContent ?? "").join("|");
  it("says nothing of what says no facts", () => {
    expect(said({}).replaceAll("|", "")).toBe("");
  });
  it("tells what holds instead, and since when", () => {
    const outdated = memory({ valid_until: NOW, superseded_by: "m2" });
    expect(said({ memory: outdated, successor: memory({ content: "I moved to Rome" }) })).toMatch(/Replaced since .* by\|I moved to Rome/);
    expect(said({ memory: outdated })).toMatch(/Does not hold since/);
    expect(said({ replaced: [memory({ content: "I live in Paris" })] })).toContain("Stands in the place of|I live in Paris");
  });
});

describe("versions", () => {
  const version = (number: number, content: string): MemoryVersion => ({ memory_id: "m1", version: number, operation: number === 1 ? "created" : "updated", at: NOW, actor: "caller", content_hash: "", content, memory_type: "episodic", metadata: {}, importance_score: 0.5 });
  it("are none of what was never changed", () => {
    expect(versions([version(1, "a")])).toBeNull();
  });
  it("come the latest first", () => {
    const shown = versions([version(1, "a"), version(2, "b")]);
    expect([...shown!.querySelectorAll(".said")].map((item) => item.textContent)).toEqual(["b", "a"]);
  });
});
