// The slider through time: how strong memories are, and which there are, at another day.
import { h } from "./dom";
import { day } from "./text";

export class TimeSlider {
  readonly element: HTMLElement;
  private readonly input = h("input", { id: "as-of", type: "range", step: 3600 });
  private readonly shown = h("output", { for: "as-of" }, "now");
  private asked = false;

  constructor(changed: (asOf: number | undefined) => void) {
    this.input.addEventListener("input", () => {
      this.showTime();
      if (this.asked) return;
      this.asked = true;
      requestAnimationFrame(() => {
        this.asked = false;
        changed(this.asOf);
      });
    });
    this.element = h("div", { class: "time" }, h("label", { for: "as-of" }, "As of"), this.input, this.shown);
  }

  /** From the first memory to a year from now, when much will have faded. */
  setRange(oldest: number | null): void {
    const now = Date.now() / 1000;
    this.input.min = String(Math.floor((oldest ?? now - 86400 * 30) - 86400));
    this.input.max = String(Math.ceil(now + 86400 * 365));
    this.now = now;
    this.input.value = String(now);
    this.showTime();
  }

  /** The time that counts as now; undefined until there is a range, when the slider stands nowhere yet. */
  private now: number | undefined;

  /** The chosen time; undefined where it is about now, or where nothing could be chosen yet. */
  get asOf(): number | undefined {
    const value = Number(this.input.value);
    return this.now === undefined || Math.abs(value - this.now) < 7200 ? undefined : value;
  }

  private showTime(): void {
    const at = this.asOf;
    this.shown.textContent = at === undefined ? "now" : day(at);
    this.input.setAttribute("aria-valuetext", this.shown.textContent);
  }
}
