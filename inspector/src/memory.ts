// The page of one memory: all of its fields, what it hangs on, and changing it.
import { Api } from "./api";
import { attempt, count, fill, h, short, toast, when } from "./dom";
import { TYPES } from "./palette";
import type { Memory, MemoryPage } from "./types";

interface Context {
  api: Api;
  readOnly: boolean;
  go: (id: string) => void;
  changed: (memory: Memory) => void;
  removed: (id: string) => void;
  expand: (id: string) => void;
  findPath: (id: string) => void;
  label: (id: string) => string | undefined;
}

export class MemoryPanel {
  constructor(
    private readonly element: HTMLElement,
    private readonly context: Context,
  ) {
    this.empty();
  }

  empty(): void {
    fill(
      this.element,
      h("p", { class: "hint" }, "Choose a memory in the graph or in the list of what was found to see all there is to say of it."),
    );
  }

  /** Shows an entity or a conversation: what of the graph hangs on it. */
  showNode(title: string, kind: string, neighbours: { id: string; label: string }[]): void {
    fill(
      this.element,
      h("h2", {}, title),
      h("p", { class: "hint" }, `${kind}, with ${count(neighbours.length, "memory", "memories")} in view`),
      h(
        "ul",
        { class: "plain" },
        ...neighbours.slice(0, 200).map((n) => h("li", {}, this.link(n.id, n.label))),
      ),
    );
  }

  async show(id: string): Promise<void> {
    const page = await attempt(this.context.api.memory(id));
    if (page) this.render(page);
    else this.empty();
  }

  private render(page: MemoryPage): void {
    const { memory } = page;
    const id = memory.memory_id;
    const metadata = Object.entries(memory.metadata).filter(([name]) => name !== "consolidated");
    const rows: [string, string][] = [
      ["Happened", when(memory.timestamp)],
      ["Stored", when(memory.created_at)],
      ["Changed", memory.updated_at ? when(memory.updated_at) : "never"],
      ["Recalled", memory.access_count ? `${count(memory.access_count, "time")}, last ${when(memory.last_accessed)}` : "never"],
      ["Repeated", memory.reinforcement_count ? count(memory.reinforcement_count, "time") : "never"],
      ["Conversation", memory.conversation_id ?? "none"],
      ...metadata.map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      ["Id", id],
    ];
    fill(
      this.element,
      h("h2", { class: "hidden" }, "Memory"),
      h(
        "p",
        { class: "badges" },
        h("span", { class: `badge type-${memory.memory_type in TYPES ? memory.memory_type : "contextual"}` }, memory.memory_type),
        memory.archived_at !== null && h("span", { class: "badge" }, memory.consolidated_into ? "merged" : "archived"),
        memory.expires_at !== null && h("span", { class: "badge" }, "short-term"),
      ),
      h("p", { class: "content", "data-testid": "content" }, memory.content),
      bar("Importance", memory.importance_score),
      memory.decay_factor === null ? null : bar("Strength left", memory.decay_factor),
      this.actions(page),
      memory.entities.length ? h("h3", {}, "Mentions") : null,
      memory.entities.length
        ? h("ul", { class: "chips" }, ...memory.entities.map((e) => h("li", {}, this.link(`entity:${e.key}`, e.name))))
        : null,
      page.newer.length ? h("h3", {}, "May be outdated by") : null,
      ...page.newer.map((other) => this.quote(other)),
      page.originals.length ? h("h3", {}, `Merged from ${page.originals.length}`) : null,
      ...page.originals.map((other) => this.quote(other)),
      memory.consolidated_into ? h("p", {}, "Merged into ", this.link(`memory:${memory.consolidated_into}`, "another memory")) : null,
      h("h3", {}, "Fields"),
      h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    );
  }

  private actions(page: MemoryPage): HTMLElement {
    const id = `memory:${page.memory.memory_id}`;
    const live = page.memory.archived_at === null && page.memory.expires_at === null;
    return h(
      "div",
      { class: "actions" },
      live && h("button", { type: "button", onclick: () => this.context.expand(id) }, "Expand"),
      h("button", { type: "button", onclick: () => this.context.findPath(id) }, "Path to…"),
      !this.context.readOnly && h("button", { type: "button", onclick: () => this.edit(page) }, "Edit"),
      !this.context.readOnly && h("button", { type: "button", class: "danger", onclick: () => this.remove(page) }, "Delete"),
    );
  }

  private edit(page: MemoryPage): void {
    const { memory } = page;
    const text = h("textarea", { id: "edit-content", rows: 6, value: memory.content });
    const importance = h("input", { id: "edit-importance", type: "number", min: 0, max: 1, step: "any", value: memory.importance_score });
    const metadata = h("textarea", { id: "edit-metadata", rows: 4, class: "code", spellcheck: "false", value: JSON.stringify(memory.metadata, null, 2) });
    const save = async (event: Event) => {
      event.preventDefault();
      let fields: unknown;
      try {
        fields = JSON.parse(metadata.value || "{}");
      } catch {
        toast("The metadata is no JSON: nothing was saved.");
        metadata.focus();
        return;
      }
      const values: Record<string, unknown> = {};
      if (text.value !== memory.content) values.content = text.value;
      if (Number(importance.value) !== memory.importance_score) values.importance_score = Number(importance.value);
      if (JSON.stringify(fields) !== JSON.stringify(memory.metadata)) values.metadata = fields;
      if (!Object.keys(values).length) return this.render(page);
      const done = await attempt(this.context.api.edit(memory.memory_id, values));
      if (!done) return;
      const before = { content: memory.content, importance_score: memory.importance_score, metadata: memory.metadata };
      const back = Object.fromEntries(Object.keys(values).map((name) => [name, before[name as keyof typeof before]]));
      this.context.changed(done.memory);
      await this.show(memory.memory_id);
      toast("Saved.", { label: "Undo", run: () => void this.takeBack(memory.memory_id, back) });
    };
    fill(
      this.element,
      h(
        "form",
        { class: "edit", onsubmit: save },
        h("h2", {}, "Edit memory"),
        h("label", { for: "edit-content" }, "Content"),
        text,
        h("label", { for: "edit-importance" }, "Importance, 0 to 1"),
        importance,
        h("label", { for: "edit-metadata" }, "Metadata, JSON"),
        metadata,
        h(
          "div",
          { class: "actions" },
          h("button", { type: "submit", class: "primary" }, "Save"),
          h("button", { type: "button", onclick: () => this.render(page) }, "Cancel"),
        ),
      ),
    );
    text.focus();
  }

  private async takeBack(id: string, values: object): Promise<void> {
    const done = await attempt(this.context.api.edit(id, values));
    if (!done) return;
    this.context.changed(done.memory);
    await this.show(id);
    toast("The change was taken back.");
  }

  private remove(page: MemoryPage): void {
    const id = page.memory.memory_id;
    const merged = page.originals.length ? " Its originals go as well." : "";
    const question = h(
      "div",
      { class: "confirm", role: "alertdialog", "aria-labelledby": "delete-question" },
      h("p", { id: "delete-question" }, `Delete this memory for good? Nothing brings it back.${merged}`),
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            type: "button",
            class: "danger",
            onclick: async () => {
              if (!(await attempt(this.context.api.remove(id)))) return;
              this.context.removed(id);
              this.empty();
              toast("Deleted.");
            },
          },
          "Delete for good",
        ),
        h("button", { type: "button", onclick: () => question.remove() }, "Keep it"),
      ),
    );
    this.element.querySelector(".confirm")?.remove();
    this.element.querySelector(".actions")?.after(question);
    question.querySelector("button")?.focus();
  }

  private quote(memory: Memory): HTMLElement {
    return h(
      "blockquote",
      {},
      h("button", { type: "button", class: "link", onclick: () => this.context.go(`memory:${memory.memory_id}`) }, short(memory.content, 240)),
      h("footer", {}, when(memory.timestamp)),
    );
  }

  private link(id: string, text: string): HTMLElement {
    return h("button", { type: "button", class: "link", onclick: () => this.context.go(id) }, text);
  }
}

function bar(name: string, value: number): HTMLElement {
  return h(
    "div",
    { class: "bar" },
    h("span", {}, name),
    h("meter", { min: 0, max: 1, value, "aria-label": name }),
    h("span", { class: "number" }, value.toFixed(2)),
  );
}
