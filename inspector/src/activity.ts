// What happens in the memory while one looks, as lines under one another.
import type { Api } from "./api";
import { Connection } from "./connection";
import { fill, h } from "./dom";
import { attempt, say, toast } from "./notices";
import { count, short, when } from "./text";
import type { DrawnNode, LiveUpdate } from "./types";

/** Lines that are kept. */
const KEPT = 200;

export class ActivityPanel {
  readonly dot = h("span", { class: "live-dot", title: "Not connected" });
  private readonly log = h("ul", { class: "plain log" });
  private connection: Connection | undefined;
  /** Whether the connection broke, so that what happened since is not shown. */
  private lost = false;

  constructor(
    element: HTMLElement,
    private readonly api: Api,
    private readonly handlers: { updated: (update: LiveUpdate) => void; go: (id: string) => void },
  ) {
    fill(element, h("h2", {}, "What happens"), h("p", { class: "hint" }, "What this and other processes store, change, merge and recall appears here and in the graph."), this.log);
  }

  stop(): void {
    this.connection?.stop();
    this.connection = undefined;
  }

  /** Shows what happens in the namespace from now on. */
  listen(): void {
    this.connection ??= new Connection(
      this.api,
      (update) => this.receive(update),
      (connected) => this.showConnected(connected),
    );
  }

  private showConnected(connected: boolean): void {
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
      this.handlers.updated({ reload: true });
    }
  }

  private receive(update: LiveUpdate): void {
    if (update.error) this.note(update.error);
    if (!update.reload) {
      if (update.gone?.length) this.note(`${count(update.gone.length, "memory is", "memories are")} gone or merged`);
      const [changed, fresh, recalled] = [update.changed, update.new, update.recalled].map((ids) => new Set(ids));
      for (const node of update.graph?.nodes ?? []) {
        const id = node.id.slice(7);
        if (node.kind !== "memory") continue;
        if (changed!.has(id)) this.note(fresh!.has(id) ? "Stored: " : "Changed: ", node);
        if (recalled!.has(id)) this.note("Recalled: ", node);
      }
      if (update.recalls) this.note(`${count(update.recalls, "question")} answered`);
      const news = spokenSummary(update);
      if (news) say(news, "news");
    }
    this.handlers.updated(update);
  }

  private note(text: string, node?: DrawnNode): void {
    this.log.prepend(
      h("li", {}, h("time", {}, when(Date.now() / 1000)), h("div", {}, text, node && h("button", { type: "button", class: "link", onclick: () => this.handlers.go(node.id) }, short(node.label, 120)))),
    );
    while (this.log.children.length > KEPT) this.log.lastElementChild?.remove();
  }
}

/** What happened, as it is read aloud. */
export function spokenSummary(update: LiveUpdate): string {
  const stored = update.new?.length ?? 0;
  const changed = (update.changed?.length ?? 0) - stored;
  return [
    stored && `${count(stored, "memory", "memories")} stored`,
    changed && `${count(changed, "memory", "memories")} changed`,
    update.gone?.length && `${count(update.gone.length, "memory", "memories")} gone or merged`,
    update.recalled?.length && `${count(update.recalled.length, "memory", "memories")} recalled`,
  ]
    .filter(Boolean)
    .join(", ");
}
