// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { TimeSlider } from "../src/slider";

it("stands at no time before it has a range, and at now when it has one", () => {
  const slider = new TimeSlider(() => undefined);
  const input = slider.element.querySelector("input")!;
  input.value = "0";
  expect(slider.asOf).toBeUndefined();
  const now = Date.now() / 1000;
  slider.setRange(now - 10 * 86400);
  expect(slider.asOf).toBeUndefined();
  input.value = String(Math.round(now - 5 * 86400));
  expect(slider.asOf).toBeLessThan(now - 4 * 86400);
});
