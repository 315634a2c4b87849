// A conversation along the axis of time: who said what and when, and how long nobody said anything.
import type { Api } from "./api";
import { fill, h } from "./dom";
import type { GraphView } from "./graph";
import { attempt } from "./notices";
import { count, day, short, when } from "./text";
import type { ConversationPage, ShownMemory } from "./types";

/** Seconds of silence from which on it is shown. */
const SILENCE = 3600;

const NS = "http://www.w3.org/2000/svg";
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

export class TimelinePanel {
  private readonly choice = h("select", { id: "conversation", onchange: () => void this.show(this.choice.value) });
  private readonly place = h("div", { class: "talk" });
  private shown = "";

  constructor(
    element: HTMLElement,
    private readonly api: Api,
    private readonly view: GraphView,
    private readonly go: (id: string) => void,
  ) {
    fill(element, h("h2", {}, "Timeline"), h("p", { class: "row" }, h("label", { for: "conversation" }, "Conversation"), this.choice), this.place);
  }

  /** Offers the conversations that are in view, the newest first. */
  offer(): void {
    const newest = new Map<string, number>();
    this.view.graph.forEachNode((_, node) => {
      if (node.conversation) newest.set(node.conversation as string, Math.max(newest.get(node.conversation as string) ?? 0, node.time as number));
    });
    const names = [...newest].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    if (this.shown && !newest.has(this.shown)) names.unshift(this.shown);
    fill(this.choice, h("option", { value: "" }, names.length ? "Choose one" : "None in view"), ...names.map((name) => h("option", { value: name, selected: name === this.shown }, short(name, 40))));
    if (!this.shown) fill(this.place, h("p", { class: "hint" }, "Choose a conversation here or in the graph: it is shown in the order in which it went."));
  }

  empty(): void {
    this.shown = "";
    this.offer();
  }

  async show(name: string): Promise<void> {
    this.shown = name;
    this.offer();
    if (!name) return;
    const page = await attempt(this.api.conversation(name));
    if (!page || this.shown !== name) return;
    this.render(page);
    this.view.light(new Set([`conversation:${name}`, ...page.memories.map((memory) => `memory:${memory.memory_id}`)].filter((id) => this.view.graph.hasNode(id))));
  }

  private render(page: ConversationPage): void {
    const { memories } = page;
    if (!memories.length) {
      fill(this.place, h("p", { class: "hint" }, "None of its memories is live any more."));
      return;
    }
    const items: HTMLElement[] = [];
    let last: ShownMemory | undefined;
    for (const memory of memories) {
      const silence = last ? memory.timestamp - last.timestamp : 0;
      if (!last || day(last.timestamp) !== day(memory.timestamp)) items.push(h("li", { class: "day" }, day(memory.timestamp)));
      if (silence >= SILENCE) items.push(h("li", { class: "silence" }, `${duration(silence)} later`));
      items.push(this.item(memory));
      last = memory;
    }
    const first = memories[0]!;
    fill(
      this.place,
      h("p", { class: "hint" }, `${count(memories.length, "memory", "memories")}, ${when(first.timestamp)} to ${when(last!.timestamp)}${page.left_out ? `; ${count(page.left_out, "later one is", "later ones are")} left out` : ""}`),
      axis(memories),
      h("ol", { class: "timeline" }, ...items),
    );
  }

  private item(memory: ShownMemory): HTMLElement {
    const speaker = typeof memory.metadata.speaker === "string" ? memory.metadata.speaker : undefined;
    return h(
      "li",
      { class: "turn" },
      h("span", { class: `dot type-${memory.memory_type}`, "aria-hidden": "true" }),
      h(
        "button",
        { type: "button", onclick: () => this.go(`memory:${memory.memory_id}`) },
        h("span", { class: "about" }, h("time", {}, CLOCK.format(new Date(memory.timestamp * 1000))), speaker && ` ${speaker}`),
        h("span", { class: "said" }, short(memory.content, 220)),
      ),
    );
  }
}

/** All of a conversation on one line, true to time; what it says is in the list below it. */
function axis(memories: ShownMemory[]): HTMLElement {
  const from = memories[0]!.timestamp;
  const span = memories.at(-1)!.timestamp - from || 1;
  const svg = document.createElementNS(NS, "svg");
  const draw = (name: string, values: Record<string, string | number>) => {
    const part = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(values)) part.setAttribute(key, String(value));
    svg.append(part);
  };
  svg.setAttribute("class", "axis");
  svg.setAttribute("viewBox", "0 0 340 22");
  svg.setAttribute("aria-hidden", "true");
  draw("line", { x1: 6, x2: 334, y1: 11, y2: 11, class: "axis-line" });
  for (const memory of memories) {
    draw("circle", { cx: 6 + (328 * (memory.timestamp - from)) / span, cy: 11, r: 4, class: `fill-${memory.memory_type}` });
  }
  const place = h("div", {});
  place.append(svg);
  return place;
}

export function duration(seconds: number): string {
  if (seconds < 86400) return count(Math.round(seconds / 3600), "hour");
  if (seconds < 86400 * 60) return count(Math.round(seconds / 86400), "day");
  return count(Math.round(seconds / (86400 * 30.4)), "month");
}
