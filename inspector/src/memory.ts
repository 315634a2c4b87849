// The page of one memory: all of its fields, its relations, and changing it.
import type { Api } from "./api";
import type { Owner } from "./conditions";
import { fill, h } from "./dom";
import { endingOf, endRows, EndingFields } from "./endings";
import { attempt, toast } from "./notices";
import { TYPES } from "./palette";
import { type Go, history, relations } from "./relations";
import { standingActions, standingOf, validity, versions } from "./standing";
import { count } from "./text";
import type { MemoryPage, Passage, ShownMemory } from "./types";

interface Context {
  api: Api;
  readOnly: boolean;
  go: Go;
  changed: (memory: ShownMemory) => void;
  removed: (id: string) => void;
  /** Memories came back or went by something that was done on the page. */
  reload: () => void;
  expand: (id: string) => void;
  findPath: (id: string) => void;
  /** What of a long memory answers the question that was asked last. */
  passage: (id: string) => Passage | undefined;
  /** Shows only memories of a tag, or of an owner. */
  only: (field: "tags" | Owner, name: string) => void;
}

export class MemoryPanel {
  private asked: string | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly context: Context,
  ) {
    this.empty();
  }

  cancel(): void {
    this.asked = undefined;
  }

  empty(): void {
    fill(
      this.element,
      h("p", { class: "hint" }, "Choose a memory in the graph or in the list of what was found to see all there is to say of it."),
    );
  }

  async show(id: string): Promise<void> {
    this.asked = id;
    const page = await attempt(this.context.api.memory(id));
    // Meanwhile something else may have been chosen.
    if (this.asked !== id) return;
    if (page) this.render(page);
    else this.empty();
  }

  private render(page: MemoryPage): void {
    const { memory } = page;
    const id = memory.memory_id;
    const metadata = Object.entries(memory.metadata).filter(([name]) => name !== "consolidated");
    const conversation = memory.conversation_id;
    const now = Date.now() / 1000;
    const standing = standingOf(memory, now);
    const ending = endingOf(memory, now);
    const owners = [["User", "user_id"], ["Agent", "agent_id"], ["Session", "session_id"]] as const;
    const rows: [string, string | HTMLElement][] = [
      ["Conversation", conversation === null ? "none" : this.link(`conversation:${conversation}`, conversation)],
      ...metadata.map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      ...owners.flatMap(([title, field]): [string, HTMLElement][] => (memory[field] === null ? [] : [[title, this.narrow(field, memory[field])]])),
      ...endRows(memory, now),
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
        memory.lifetime === "short_term" && h("span", { class: "badge" }, "short-term"),
        ending !== undefined && h("span", { class: ending === "ended" ? "badge outdated" : "badge" }, ending),
        standing !== undefined && h("span", { class: "badge outdated" }, standing),
      ),
      h("p", { class: standing === undefined ? "content" : "content over", "data-testid": "content" }, ...withPassage(memory.content, this.context.passage(id))),
      memory.tags.length ? h("ul", { class: "chips tags", "aria-label": "Tags" }, ...memory.tags.map((tag) => h("li", {}, this.narrow("tags", tag)))) : null,
      bar("Importance", memory.importance_score),
      memory.decay_factor === null ? null : bar("Strength left", memory.decay_factor),
      this.actions(page),
      memory.entities.length ? h("h3", {}, "Mentions") : null,
      memory.entities.length
        ? h("ul", { class: "chips" }, ...memory.entities.map((e) => h("li", {}, this.link(`entity:${e.key}`, e.name))))
        : null,
      ...validity(page, this.context.go),
      ...relations(page, this.context.go),
      h("h3", {}, "History"),
      history(page),
      versions(page.versions),
      h("h3", {}, "Fields"),
      h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    );
  }

  private actions(page: MemoryPage): HTMLElement {
    const id = `memory:${page.memory.memory_id}`;
    const archived = page.memory.archived_at !== null;
    const live = !archived && page.memory.lifetime === "long_term" && endingOf(page.memory, Date.now() / 1000) !== "ended";
    const change = !this.context.readOnly;
    return h(
      "div",
      { class: "actions" },
      live && h("button", { type: "button", onclick: () => this.context.expand(id) }, "Expand"),
      live && h("button", { type: "button", onclick: () => this.context.findPath(id) }, "Path to…"),
      change && archived && !page.memory.consolidated_into && h("button", { type: "button", class: "primary", onclick: () => void this.restore(page.memory.memory_id) }, "Restore"),
      change && page.undo !== null && h("button", { type: "button", class: "primary", onclick: () => void this.unmerge(page.memory.memory_id, page.undo!) }, "Undo the merge"),
      ...(change && live ? standingActions(page, { ...this.context, show: (shown) => this.show(shown) }, (form) => this.ask(form)) : []),
      change && h("button", { type: "button", onclick: () => this.edit(page) }, "Edit"),
      change && h("button", { type: "button", class: "danger", onclick: () => this.remove(page) }, "Delete"),
    );
  }

  /** Puts a form below the buttons, in place of one that is there. */
  private ask(form: HTMLElement): void {
    this.element.querySelector("form.edit, .confirm")?.remove();
    this.element.querySelector(".actions")?.after(form);
    form.querySelector("textarea")?.focus();
  }

  private async restore(id: string): Promise<void> {
    const done = await attempt(this.context.api.unarchive(id));
    if (!done) return;
    this.context.reload();
    await this.show(id);
    toast(done.restored_ids.length ? "Restored: searches find it again." : "It was not archived any more.");
  }

  private async unmerge(id: string, run: string): Promise<void> {
    const done = await attempt(this.context.api.undo(run));
    if (!done) return;
    this.context.reload();
    await this.show(id);
    toast(`The run was undone: ${count(done.restored_ids.length, "memory is", "memories are")} back as before.`);
  }

  private edit(page: MemoryPage): void {
    const { memory } = page;
    const text = h("textarea", { id: "edit-content", rows: 6, value: memory.content });
    const importance = h("input", { id: "edit-importance", type: "number", min: 0, max: 1, step: "any", value: memory.importance_score });
    const metadata = h("textarea", { id: "edit-metadata", rows: 4, class: "code", spellcheck: "false", value: JSON.stringify(memory.metadata, null, 2) });
    const ending = new EndingFields(memory);
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
      if (ending.unfinished) return void toast("The end is no whole time: nothing was saved.");
      const values: Record<string, unknown> = { ...ending.changes };
      if (text.value !== memory.content) values.content = text.value;
      if (Number(importance.value) !== memory.importance_score) values.importance_score = Number(importance.value);
      if (JSON.stringify(fields) !== JSON.stringify(memory.metadata)) values.metadata = fields;
      if (!Object.keys(values).length) return this.render(page);
      const done = await attempt(this.context.api.edit(memory.memory_id, values));
      if (!done) return;
      const before = { content: memory.content, importance_score: memory.importance_score, metadata: memory.metadata, ...ending.before };
      const back = Object.fromEntries(Object.entries(before).filter(([name]) => name in values));
      this.context.changed(done.memory);
      await this.show(memory.memory_id);
      toast("Saved.", { label: "Undo", run: () => void this.revert(memory.memory_id, back) });
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
        ...ending.elements,
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

  private async revert(id: string, values: object): Promise<void> {
    const done = await attempt(this.context.api.edit(id, values));
    if (!done) return;
    this.context.changed(done.memory);
    await this.show(id);
    toast("The change was taken back.");
  }

  private remove(page: MemoryPage): void {
    const id = page.memory.memory_id;
    const kept = page.memory.archived_at === null ? "" : " Archived as it is, it can be restored at any time.";
    const merged = page.merged_from.length ? " Its originals go as well." : "";
    const question: HTMLElement = h(
      "div",
      { class: "confirm", role: "alertdialog", "aria-labelledby": "delete-question" },
      h("p", { id: "delete-question" }, `Delete this memory for good? Nothing brings it back.${kept}${merged}`),
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

  /** A tag or an owner, which leads to all memories of it. */
  private narrow(field: "tags" | Owner, name: string): HTMLElement {
    return h("button", { type: "button", class: "tag", title: "Show only memories of this", onclick: () => this.context.only(field, name) }, name);
  }

  private link(id: string, text: string): HTMLElement {
    return h("button", { type: "button", class: "link", onclick: () => this.context.go(id) }, text);
  }
}

/** A content in which a passage is marked. */
export function withPassage(content: string, passage: Passage | undefined): (Node | string)[] {
  if (passage === undefined) return [content];
  // Python counts characters where JavaScript counts units of UTF-16, so the text is looked for; it may have changed.
  const start = content.indexOf(passage.text);
  if (start < 0) return [content];
  const end = start + passage.text.length;
  return [content.slice(0, start), h("mark", {}, passage.text), content.slice(end)];
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
