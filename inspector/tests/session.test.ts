import { beforeEach, afterEach, describe, expect, it, vi } from "vitest";
import { takeSession } from "../src/session";

describe("takeSession", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const remove = vi.fn<() => void>();
  const show = (content?: string) => vi.stubGlobal("document", { querySelector: () => (content === undefined ? null : { content, remove }) });

  beforeEach(() => vi.stubGlobal("sessionStorage", storage));
  afterEach(() => {
    vi.unstubAllGlobals();
    kept.clear();
    remove.mockReset();
  });

  it("takes what the page was opened with out of it, and keeps it for the tab", () => {
    show("first");
    expect(takeSession()).toBe("first");
    expect(remove).toHaveBeenCalledOnce();
    show("");
    expect(takeSession()).toBe("first");
  });
  it("prefers that of an inspector that was started anew", () => {
    kept.set("session", "old");
    show("new");
    expect(takeSession()).toBe("new");
    expect(kept.get("session")).toBe("new");
  });
  it("has none where the page was not opened by a printed address", () => {
    show("");
    expect(takeSession()).toBeUndefined();
    show();
    expect(takeSession()).toBeUndefined();
  });
  it("does without a place to keep it", () => {
    vi.stubGlobal("sessionStorage", undefined);
    show("first");
    expect(takeSession()).toBe("first");
    show("");
    expect(takeSession()).toBeUndefined();
  });
});
