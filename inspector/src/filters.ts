// The filters: types (which are the legend, too), kinds of nodes, importance and time.
import { day, h } from "./dom";
import type { Filter } from "./graph";
import { TYPES } from "./palette";

export class Filters {
  readonly element: HTMLElement;
  private readonly types = new Set(Object.keys(TYPES));
  private readonly kinds = new Set(["entity", "conversation"]);
  private readonly importance = range("min-importance");
  private readonly strength = range("min-strength");
  private readonly since = h("input", { id: "since", type: "date" });
  private readonly until = h("input", { id: "until", type: "date" });

  constructor(
    private readonly changed: (filter: Filter) => void,
    archived: HTMLElement,
    communities: HTMLElement,
  ) {
    const shown = new Map([this.importance, this.strength].map((input) => [input, h("output", { for: input.id }, "0.00")]));
    for (const [input, output] of shown) {
      input.addEventListener("input", () => {
        output.textContent = Number(input.value).toFixed(2);
        this.tell();
      });
    }
    for (const input of [this.since, this.until]) input.addEventListener("change", () => this.tell());
    this.element = h(
      "section",
      { class: "filters", "aria-label": "Filters" },
      h("fieldset", {}, h("legend", {}, "Memories"), ...Object.keys(TYPES).map((type) => this.box(type, this.types, `type-${type}`)), h("p", { class: "hint" }, "The larger, the more important and the stronger; the paler, the more has faded.")),
      h("fieldset", {}, h("legend", {}, "Also show"), this.box("entity", this.kinds, "kind-entity", "entities"), this.box("conversation", this.kinds, "kind-conversation", "conversations"), archived, communities),
      h(
        "fieldset",
        {},
        h("legend", {}, "Only"),
        h("div", { class: "row" }, h("label", { for: "min-importance" }, "importance from"), shown.get(this.importance)!),
        this.importance,
        h("div", { class: "row" }, h("label", { for: "min-strength" }, "strength left from"), shown.get(this.strength)!),
        this.strength,
        h("div", { class: "row" }, h("label", { for: "since" }, "from"), this.since),
        h("div", { class: "row" }, h("label", { for: "until" }, "before"), this.until),
      ),
    );
  }

  get filter(): Filter {
    return {
      types: new Set(this.types),
      kinds: new Set(this.kinds),
      minImportance: Number(this.importance.value),
      minStrength: Number(this.strength.value),
      since: seconds(this.since.value),
      until: seconds(this.until.value),
    };
  }

  private tell(): void {
    this.changed(this.filter);
  }

  private box(name: string, chosen: Set<string>, style: string, label = name): HTMLElement {
    const input = h("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(name);
      else chosen.delete(name);
      this.tell();
    });
    return h("label", { class: "check" }, input, h("span", { class: `dot ${style}`, "aria-hidden": "true" }), label);
  }
}

const range = (id: string) => h("input", { id, type: "range", min: 0, max: 1, step: 0.05, value: 0 });

const seconds = (value: string): number | undefined => (value ? new Date(`${value}T00:00`).getTime() / 1000 : undefined);

/** The slider through time: how strong memories are, and which there are, at another day. */
export class TimeSlider {
  readonly element: HTMLElement;
  private readonly input = h("input", { id: "as-of", type: "range", step: 3600 });
  private readonly shown = h("output", { for: "as-of" }, "now");
  private asked = false;

  constructor(changed: (asOf: number | undefined) => void) {
    this.input.addEventListener("input", () => {
      this.tell();
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
    this.tell();
  }

  private now = Date.now() / 1000;

  /** The chosen time; undefined where it is about now. */
  get asOf(): number | undefined {
    const value = Number(this.input.value);
    return Math.abs(value - this.now) < 7200 ? undefined : value;
  }

  private tell(): void {
    const at = this.asOf;
    this.shown.textContent = at === undefined ? "now" : day(at);
    this.input.setAttribute("aria-valuetext", this.shown.textContent);
  }
}
