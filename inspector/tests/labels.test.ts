// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Labels } from "../src/labels";

const FACE = { labelSize: 12, labelWeight: "500", labelFont: "sans-serif" };
const fillText = vi.fn<(text: string, x: number, y: number) => void>();
const context = {
  measureText: (text: string) => ({ width: text.length * 6 }),
  fillText,
  strokeText: () => undefined,
  beginPath: () => undefined,
  arc: () => undefined,
  stroke: () => undefined,
} as unknown as CanvasRenderingContext2D;
const at = (key: string, x: number, y: number, label: string | null = "label", size = 4) => ({ key, label, x, y, size });

describe("Labels", () => {
  let labels: Labels;
  beforeEach(() => {
    fillText.mockReset();
    const container = document.createElement("div");
    Object.defineProperty(container, "clientWidth", { value: 200 });
    labels = new Labels(container, () => "light");
  });

  it("stand right of their node", () => {
    labels.draw(context, at("a", 50, 50), FACE);
    expect(fillText).toHaveBeenCalledWith("label", 58, 54);
  });
  it("go to the left where the right is taken or outside", () => {
    labels.draw(context, at("a", 190, 50), FACE);
    expect(fillText.mock.lastCall![1]).toBe(190 - 8 - 30);
  });
  it("never cover one another", () => {
    for (const key of ["a", "b", "c", "d", "e", "f"]) labels.draw(context, at(key, 100, 50, "label", 20), FACE);
    expect(fillText).toHaveBeenCalledTimes(4);
    expect(new Set(fillText.mock.calls.map(([, x, y]) => `${x} ${y}`)).size).toBe(4);
  });
  it("are drawn once for a node, until the next picture", () => {
    labels.draw(context, at("a", 50, 50), FACE);
    labels.draw(context, at("a", 50, 50), FACE);
    expect(fillText).toHaveBeenCalledOnce();
    labels.clear();
    labels.draw(context, at("a", 50, 50), FACE);
    expect(fillText).toHaveBeenCalledTimes(2);
  });
  it("are left out where there is none, and a ring is told of", () => {
    labels.draw(context, at("a", 50, 50, null), FACE);
    expect(fillText).not.toHaveBeenCalled();
    expect(labels.ringed).toBe(false);
    labels.drawHover(context, at("a", 50, 50), FACE);
    expect(labels.ringed).toBe(true);
  });
});
