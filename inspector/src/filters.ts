// The filters: types (which are the legend, too), kinds of nodes, importance and time.
import { h } from "./dom";
import { TYPES } from "./palette";
import type { Filter } from "./visibility";

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
        this.notify();
      });
    }
    for (const input of [this.since, this.until]) input.addEventListener("change", () => this.notify());
    this.element = h(
      "section",
      { class: "filters", "aria-label": "Filters" },
      h("fieldset", {}, h("legend", {}, "Memories"), ...Object.keys(TYPES).map((type) => this.box(type, this.types, `type-${type}`)), h("p", { class: "hint" }, "The larger, the more important and the stronger; the paler, the more has faded.")),
      h("fieldset", {}, h("legend", {}, "Also show"), this.box("entity", this.kinds, "kind-entity", "entities"), this.box("conversation", this.kinds, "kind-conversation", "conversations"), archived, communities),
      h(
        "fieldset",
        {},
        h("legend", {}, "Only"),
        h("div", { class: "row" }, h("label", { for: "min-importance" }, "importance from"), shown.get(this.importance)),
        this.importance,
        h("div", { class: "row" }, h("label", { for: "min-strength" }, "strength left from"), shown.get(this.strength)),
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

  private notify(): void {
    this.changed(this.filter);
  }

  private box(name: string, chosen: Set<string>, style: string, label = name): HTMLElement {
    const input = h("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(name);
      else chosen.delete(name);
      this.notify();
    });
    return h("label", { class: "check" }, input, h("span", { class: `dot ${style}`, "aria-hidden": "true" }), label);
  }
}

const range = (id: string) => h("input", { id, type: "range", min: 0, max: 1, step: 0.05, value: 0 });

export const seconds = (value: string): number | undefined => (value ? new Date(`${value}T00:00`).getTime() / 1000 : undefined);
