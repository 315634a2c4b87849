// The tabs beside the graph, walked with the arrow keys.
import { h } from "./dom";

export const TABS = ["answers", "memory", "facts", "timeline", "merging", "upkeep", "live"] as const;
export type Tab = (typeof TABS)[number];
const TITLES: Record<Tab, string> = { answers: "Answers", memory: "Memory", facts: "Facts", timeline: "Timeline", merging: "Merging", upkeep: "Upkeep", live: "Live" };

export class Tabs {
  readonly panels: Record<Tab, HTMLElement>;
  readonly list: HTMLElement;
  private readonly tabs: Record<Tab, HTMLButtonElement>;

  constructor(private readonly opened: (tab: Tab) => void) {
    this.panels = Object.fromEntries(
      TABS.map((tab) => [tab, h("div", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, class: "panel", tabindex: 0, hidden: true })]),
    ) as unknown as Record<Tab, HTMLElement>;
    this.tabs = Object.fromEntries(
      TABS.map((tab) => [tab, h("button", { role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}`, "aria-selected": "false", tabindex: -1, type: "button", onclick: () => this.show(tab) }, TITLES[tab])]),
    ) as unknown as Record<Tab, HTMLButtonElement>;
    this.list = h("div", { role: "tablist", "aria-label": "Details", onkeydown: (event: KeyboardEvent) => this.walk(event) }, ...TABS.map((tab) => this.tabs[tab]));
  }

  show(tab: Tab): void {
    for (const name of TABS) {
      this.panels[name].hidden = name !== tab;
      this.tabs[name].setAttribute("aria-selected", String(name === tab));
      this.tabs[name].tabIndex = name === tab ? 0 : -1;
    }
    this.opened(tab);
  }

  private walk(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const current = TABS.findIndex((tab) => this.tabs[tab].getAttribute("aria-selected") === "true");
    const next = TABS[(current + step + TABS.length) % TABS.length]!;
    this.show(next);
    this.tabs[next].focus();
  }
}
