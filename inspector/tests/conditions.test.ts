// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Chosen, Conditions, hashOf, nothing, readHash, whereOf } from "../src/conditions";
import type { Choices } from "../src/types";

const picked: Chosen = { tags: ["work", 'a"b&c'], owners: { user_id: "nora", session_id: "s 1" }, text: ' {"importance_score": {"$gte": 0.5}}\n' };
const choices = (values: Partial<Choices> = {}): Choices => ({ tags: {}, user_id: [], agent_id: [], session_id: [], ...values });

describe("whereOf", () => {
  it("is nothing where nothing is asked for", () => {
    expect(whereOf(nothing())).toEqual([]);
    expect(whereOf({ ...nothing(), text: " \n" })).toEqual([]);
  });
  it("names each condition for itself, and leaves what is written as it is", () => {
    expect(whereOf(picked)).toEqual(['{"tags":"work"}', '{"tags":"a\\"b&c"}', '{"user_id":"nora"}', '{"session_id":"s 1"}', '{"importance_score": {"$gte": 0.5}}']);
  });
});

describe("the address", () => {
  it("keeps what is asked for", () => {
    const kept = readHash(hashOf(picked, "home"));
    expect(kept).toEqual({ chosen: { ...picked, text: picked.text.trim() }, namespace: "home" });
  });
  it("is plain where nothing is", () => {
    expect(hashOf(nothing())).toBe("");
    expect(readHash("")).toEqual({ chosen: nothing(), namespace: undefined });
  });
});

describe("Conditions", () => {
  const apply = vi.fn<(chosen: Chosen) => Promise<string | undefined>>();
  const make = (chosen = nothing(), offered = choices()) => {
    const made = new Conditions(chosen, apply);
    document.body.replaceChildren(made.quick, made.written);
    made.offer(offered);
    return made;
  };
  const chip = (name: string) => [...document.querySelectorAll<HTMLButtonElement>(".tag")].find((one) => one.title === name)!;
  const settled = () => new Promise((done) => setTimeout(done));

  beforeEach(() => {
    apply.mockReset();
    apply.mockResolvedValue(undefined);
  });

  it("offers nothing to pick where an older file has no tags and no owners", () => {
    expect(make().quick.hidden).toBe(true);
  });
  it("offers only what there is", () => {
    const made = make(nothing(), choices({ tags: { work: 3 }, agent_id: ["coach"] }));
    expect(made.quick.hidden).toBe(false);
    expect([...document.querySelectorAll("select")].map((one) => one.id)).toEqual(["owner-agent_id"]);
  });
  it("adds and takes away a tag, and keeps the focus on it", async () => {
    make(nothing(), choices({ tags: { work: 3, trip: 1 } }));
    chip("work").focus();
    chip("work").click();
    await settled();
    expect(apply.mock.lastCall![0].tags).toEqual(["work"]);
    expect([chip("work").getAttribute("aria-pressed"), document.activeElement]).toEqual(["true", chip("work")]);
    chip("trip").click();
    await settled();
    expect(apply.mock.lastCall![0].tags).toEqual(["work", "trip"]);
    chip("work").click();
    await settled();
    expect(apply.mock.lastCall![0].tags).toEqual(["trip"]);
  });
  it("shows many tags on request, and those that are picked in any case", () => {
    const tags = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`t${i}`, 20 - i]));
    make({ ...nothing(), tags: ["t13", "gone"] }, choices({ tags }));
    expect(document.querySelectorAll(".tag")).toHaveLength(12);
    expect([chip("t13"), chip("gone")].map((one) => one.getAttribute("aria-pressed"))).toEqual(["true", "true"]);
    document.querySelector<HTMLButtonElement>("[data-key=all]")!.click();
    expect(document.querySelectorAll(".tag")).toHaveLength(15);
  });
  it("asks for an owner, and for any again", async () => {
    make(nothing(), choices({ user_id: ["any", "nora"] }));
    const choice = () => document.querySelector<HTMLSelectElement>("#owner-user_id")!;
    for (const [index, owners] of [[1, { user_id: "any" }], [0, {}]] as const) {
      choice().selectedIndex = index;
      choice().dispatchEvent(new Event("change"));
      await settled();
      expect(apply.mock.lastCall![0].owners).toEqual(owners);
    }
  });
  it("tells what is wrong beside the field, and goes on from what was right", async () => {
    const made = make();
    const text = document.querySelector<HTMLTextAreaElement>("#where")!;
    text.value = "{";
    apply.mockResolvedValueOnce("where: is no JSON.");
    text.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
    await settled();
    expect([document.querySelector("#where-error")!.textContent, text.getAttribute("aria-invalid")]).toEqual(["where: is no JSON.", "true"]);
    await made.addTag("work");
    expect(apply.mock.lastCall![0]).toEqual({ tags: ["work"], owners: {}, text: "" });
    expect([document.querySelector("#where-error")!.textContent, text.getAttribute("aria-invalid")]).toEqual(["", null]);
  });
  it("clears all", async () => {
    const made = make(picked);
    await made.clear();
    expect(apply.mock.lastCall![0]).toEqual(nothing());
    expect(document.querySelector<HTMLTextAreaElement>("#where")!.value).toBe("");
  });
});
