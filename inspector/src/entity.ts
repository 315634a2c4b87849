// The page of an entity: its memories from the store, more of them on request.
import type { Api } from "./api";
import { fill, h } from "./dom";
import { attempt } from "./notices";
import { count, short } from "./text";
import type { EntityPage } from "./types";

/** Memories that come at a time. */
const STEP = 40;

export class EntityPanel {
  private asked: string | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly api: Api,
    private readonly handlers: { go: (id: string) => void; loaded: (id: string, page: EntityPage) => void },
  ) {}

  /** Shows an entity, by its id in the graph. */
  async show(id: string, limit = STEP): Promise<void> {
    this.asked = id;
    const page = await attempt(this.api.entity(id.slice(7), limit));
    // Meanwhile something else may have been chosen.
    if (!page || this.asked !== id) return;
    this.handlers.loaded(id, page);
    this.render(id, page);
  }

  cancel(): void {
    this.asked = undefined;
  }

  private render(id: string, page: EntityPage): void {
    const { node, memories, in_all } = page;
    const more = Math.min(in_all - memories.length, STEP * 2);
    const kind = `Entity${node.type ? ` (${node.type})` : ""}, mentioned by`;
    const shown = memories.length < in_all ? `; the newest ${memories.length}` : "";
    fill(
      this.element,
      h("h2", {}, node.label),
      h("p", { class: "hint" }, `${kind} ${count(in_all, "memory", "memories")}${shown}`),
      h(
        "ul",
        { class: "plain" },
        ...memories.map((memory) =>
          h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.handlers.go(memory.id) }, short(memory.label, 160))),
        ),
      ),
      more > 0
        ? h("div", { class: "actions" }, h("button", { type: "button", onclick: () => void this.show(id, memories.length + more) }, `Show ${more} more`))
        : null,
    );
  }
}
