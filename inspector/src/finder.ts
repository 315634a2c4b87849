// Search as one types, over what is shown.
import { fill, h, short } from "./dom";
import type { GraphView } from "./graph";
import type { DrawnNode } from "./types";

const SHOWN = 12;

export class Finder {
  readonly element: HTMLElement;
  readonly input = h("input", { id: "find", type: "search", placeholder: "Find in the graph  ( / )", autocomplete: "off" });
  private readonly list = h("ul", { class: "found" });
  private readonly told = h("p", { class: "hint", role: "status" });
  private readonly further = h("button", { type: "button", hidden: true, onclick: () => void this.lookFurther() }, "Look among all memories");

  constructor(
    private readonly view: GraphView,
    private readonly go: (id: string) => void,
    private readonly beyond: {
      /** How many memories are not shown. */
      left: () => number;
      /** Brings those of them that words find. */
      bring: (words: string) => Promise<void>;
    },
  ) {
    this.input.addEventListener("input", () => this.find());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "ArrowDown") {
        event.preventDefault();
        this.list.querySelector("button")?.focus();
      } else if (event.key === "Escape") {
        this.input.value = "";
        this.input.blur();
        this.find();
      }
    });
    this.list.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      const buttons = [...this.list.querySelectorAll("button")];
      const next = buttons.indexOf(document.activeElement as HTMLButtonElement) + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) this.input.focus();
      else buttons[Math.min(next, buttons.length - 1)]?.focus();
    });
    this.element = h("section", { class: "finder", "aria-label": "Find" }, h("label", { for: "find", class: "hidden" }, "Find in the graph"), this.input, this.told, this.further, this.list);
  }

  /** Lets one type, in place of what was there. */
  begin(): void {
    this.input.focus();
    this.input.select();
  }

  private async lookFurther(): Promise<void> {
    this.further.disabled = true;
    await this.beyond.bring(this.input.value.trim());
    this.further.disabled = false;
    this.find();
  }

  private find(): void {
    const wanted = this.input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!wanted.length) {
      fill(this.list);
      this.told.textContent = "";
      this.further.hidden = true;
      this.view.light(undefined);
      return;
    }
    const found: { id: string; node: DrawnNode; rank: number }[] = [];
    this.view.graph.forEachNode((id, data) => {
      const node = data as unknown as DrawnNode;
      const text = node.label.toLowerCase();
      if (!wanted.every((word) => text.includes(word))) return;
      const rank = (node.kind === "entity" ? 1 : 0) + (text.startsWith(wanted[0]!) ? 1 : 0) + (node.importance ?? 0);
      found.push({ id, node, rank });
    });
    found.sort((a, b) => b.rank - a.rank);
    this.told.textContent = found.length > SHOWN ? `${found.length.toLocaleString()} found, the first ${SHOWN}:` : `${found.length} found`;
    this.further.hidden = this.beyond.left() === 0;
    if (!this.further.hidden) this.told.textContent += " (among what is shown)";
    fill(
      this.list,
      ...found.slice(0, SHOWN).map(({ id, node }) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", onclick: () => this.go(id) },
            h("span", { class: `dot ${node.kind === "memory" ? `type-${node.type}` : `kind-${node.kind}`}`, "aria-hidden": "true" }),
            short(node.label, 90),
          ),
        ),
      ),
    );
    this.view.light(new Set(found.map(({ id }) => id)));
  }
}
