// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listenToKeys } from "../src/keys";
import { nextNode } from "../src/navigation";

const spot = (id: string, x: number, y: number, linked = false) => ({ id, x, y, linked });
const here = { x: 0, y: 0 };

describe("nextNode", () => {
  it("takes the nearest ahead", () => {
    expect(nextNode([spot("far", 20, 0), spot("near", 10, 0)], here, 1, 0)).toBe("near");
  });
  it("takes none behind or where one stands", () => {
    expect(nextNode([spot("behind", -10, 0), spot("here", 0, 0)], here, 1, 0)).toBeUndefined();
  });
  it("takes none that lies more aside than ahead", () => {
    expect(nextNode([spot("aside", 5, 9)], here, 1, 0)).toBeUndefined();
    expect(nextNode([spot("aside", 5, 9)], here, 0, 1)).toBe("aside");
  });
  it("prefers one that is linked", () => {
    expect(nextNode([spot("near", 10, 0), spot("linked", 18, 0, true)], here, 1, 0)).toBe("linked");
    expect(nextNode([spot("near", 10, 0), spot("linked", 22, 0, true)], here, 1, 0)).toBe("near");
  });
});

describe("listenToKeys", () => {
  const find = vi.fn<() => void>();
  const leave = vi.fn<() => void>();
  const enter = vi.fn<() => void>();
  const move = vi.fn<() => void>();
  const press = (target: Element, key: string, values: KeyboardEventInit = {}) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...values }));
  let stage: HTMLElement;
  let field: HTMLInputElement;

  beforeEach(() => {
    document.body.replaceChildren();
    stage = document.body.appendChild(document.createElement("div"));
    field = document.body.appendChild(document.createElement("input"));
    listenToKeys(stage, { find, leave, graph: { Enter: enter, "Shift+ArrowLeft": move } });
  });
  afterEach(() => vi.clearAllMocks());

  it("knows keys of the graph while it has the focus", () => {
    press(stage, "Enter");
    expect(enter).toHaveBeenCalledOnce();
    press(field, "Enter");
    expect(enter).toHaveBeenCalledOnce();
  });
  it("tells arrows with Shift apart, and leaves those with Control to the browser", () => {
    press(stage, "ArrowLeft");
    press(stage, "ArrowLeft", { shiftKey: true, ctrlKey: true });
    expect(move).not.toHaveBeenCalled();
    press(stage, "ArrowLeft", { shiftKey: true });
    expect(move).toHaveBeenCalledOnce();
  });
  it("leaves letters to a field one types into, Escape excepted", () => {
    press(field, "/");
    expect(find).not.toHaveBeenCalled();
    press(field, "Escape");
    expect(leave).toHaveBeenCalled();
    press(stage, "/");
    expect(find).toHaveBeenCalled();
  });
});
