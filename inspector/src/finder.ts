// Search as one types, over what is shown.
import { fill, h } from "./dom";
import type { GraphView } from "./graph";
import { short } from "./text";
import type { DrawnNode } from "./types";

const SHOWN = 12;

export class Finder {
  readonly element: HTMLElement;
  readonly input = h("input", { id: "find", type: "search", placeholder: "Find in the graph  ( / )", autocomplete: "off" });
  private readonly list = h("ul", { class: "found" });
  private readonly status = h("p", { class: "hint", role: "status" });
  private readonly further = h("button", { type: "button", hidden: true, onclick: () => void this.findUnloaded() }, "Look among all memories");

  constructor(
    private readonly view: GraphView,
    private readonly go: (id: string) => void,
    private readonly unloaded: {
      /** How many memories are not shown. */
      count: () => number;
      /** Loads those of them that words find. */
      load: (words: string) => Promise<void>;
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
    this.element = h("section", { class: "finder", "aria-label": "Find" }, h("label", { for: "find", class: "hidden" }, "Find in the graph"), this.input, this.status, this.further, this.list);
  }

  /** Lets one type, in place of what was there. */
  focus(): void {
    this.input.focus();
    this.input.select();
  }

  private async findUnloaded(): Promise<void> {
    this.further.disabled = true;
    await this.unloaded.load(this.input.value.trim());
    this.further.disabled = false;
    this.find();
  }

  private find(): void {
    const wanted = this.input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!wanted.length) {
      fill(this.list);
      this.status.textContent = "";
      this.further.hidden = true;
      this.view.light(undefined);
      return;
    }
    const nodes = this.view.graph.mapNodes((_, node) => node as unknown as DrawnNode);
    const found = matches(nodes, wanted);
    this.status.textContent = found.length > SHOWN ? `${found.length.toLocaleString()} found, the first ${SHOWN}:` : `${found.length} found`;
    this.further.hidden = this.unloaded.count() === 0;
    if (!this.further.hidden) this.status.textContent += " (among what is shown)";
    fill(
      this.list,
      ...found.slice(0, SHOWN).map((node) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", onclick: () => this.go(node.id) },
            h("span", { class: `dot ${node.kind === "memory" ? `type-${node.type}` : `kind-${node.kind}`}`, "aria-hidden": "true" }),
            short(node.label, 90),
          ),
        ),
      ),
    );
    this.view.light(new Set(found.map(({ id }) => id)));
  }
}

/** Nodes whose label holds all of some words in lower case: entities and those that start with the first one before others. */
export function matches(nodes: DrawnNode[], words: string[]): DrawnNode[] {
  const ranked: [DrawnNode, number][] = [];
  for (const node of nodes) {
    const text = node.label.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    ranked.push([node, (node.kind === "entity" ? 1 : 0) + (text.startsWith(words[0] ?? "") ? 1 : 0) + (node.importance ?? 0)]);
  }
  return ranked.sort((a, b) => b[1] - a[1]).map(([node]) => node);
}
