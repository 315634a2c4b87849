// What happens in the memory while one looks, as lines under one another.
import type { Api } from "./api";
import { attempt, count, fill, h, say, short, toast, when } from "./dom";
import { Live } from "./connection";
import type { DrawnNode, Told } from "./types";

/** Lines that are kept. */
const KEPT = 200;

export class Happening {
  readonly dot = h("span", { class: "live-dot", title: "Not connected" });
  private readonly log = h("ul", { class: "plain log" });
  private live: Live | undefined;
  /** Whether the connection broke, so that what happened since is not shown. */
  private lost = false;

  constructor(
    element: HTMLElement,
    private readonly api: Api,
    private readonly handlers: { told: (told: Told) => void; go: (id: string) => void },
  ) {
    fill(element, h("h2", {}, "What happens"), h("p", { class: "hint" }, "What this and other processes store, change, merge and recall appears here and in the graph."), this.log);
  }

  stop(): void {
    this.live?.stop();
  }

  listen(): void {
    this.live = new Live(
      this.api,
      (told) => this.hear(told),
      (connected) => this.tell(connected),
    );
  }

  private tell(connected: boolean): void {
    const was = this.dot.classList.contains("on");
    this.dot.classList.toggle("on", connected);
    this.dot.title = connected ? "Live" : "Not connected";
    if (was && !connected) {
      this.lost = true;
      // The answer says why: the inspector has ended, or another one stands in its place.
      void attempt(this.api.state());
    } else if (connected && this.lost) {
      this.lost = false;
      toast("Connected again.");
      this.handlers.told({ reload: true });
    }
  }

  private hear(told: Told): void {
    if (told.error) this.note(told.error);
    if (!told.reload) {
      if (told.gone?.length) this.note(`${count(told.gone.length, "memory is", "memories are")} gone or merged`);
      const [changed, fresh, recalled] = [told.changed, told.new, told.recalled].map((ids) => new Set(ids));
      for (const node of told.graph?.nodes ?? []) {
        const id = node.id.slice(7);
        if (node.kind !== "memory") continue;
        if (changed!.has(id)) this.note(fresh!.has(id) ? "Stored: " : "Changed: ", node);
        if (recalled!.has(id)) this.note("Recalled: ", node);
      }
      if (told.recalls) this.note(`${count(told.recalls, "question")} answered`);
      const news = inShort(told);
      if (news) say(news, "news");
    }
    this.handlers.told(told);
  }

  private note(text: string, node?: DrawnNode): void {
    this.log.prepend(
      h("li", {}, h("time", {}, when(Date.now() / 1000)), h("div", {}, text, node && h("button", { type: "button", class: "link", onclick: () => this.handlers.go(node.id) }, short(node.label, 120)))),
    );
    while (this.log.children.length > KEPT) this.log.lastElementChild?.remove();
  }
}

/** What happened, as it is read aloud. */
function inShort(told: Told): string {
  const stored = told.new?.length ?? 0;
  const changed = (told.changed?.length ?? 0) - stored;
  return [
    stored && `${count(stored, "memory", "memories")} stored`,
    changed && `${count(changed, "memory", "memories")} changed`,
    told.gone?.length && `${count(told.gone.length, "memory", "memories")} gone or merged`,
    told.recalled?.length && `${count(told.recalled.length, "memory", "memories")} recalled`,
  ]
    .filter(Boolean)
    .join(", ");
}
