// Conditions that memories have to meet to be shown: tags and owners one picks, and what one writes oneself.
import { fill, h } from "./dom";
import { short } from "./text";
import type { Choices } from "./types";

/** Tags that are offered before one asks for all. */
const OFFERED = 10;

/** Characters that may be written: all of a filter goes into an address. */
const LONGEST = 8000;

const OWNERS = { user_id: "User", agent_id: "Agent", session_id: "Session" } as const;
export type Owner = keyof typeof OWNERS;
const FIELDS = Object.keys(OWNERS) as Owner[];

/** What somebody asked for. */
export interface Chosen {
  tags: string[];
  owners: Partial<Record<Owner, string>>;
  /** JSON. */
  text: string;
}

export const nothing = (): Chosen => ({ tags: [], owners: {}, text: "" });

/** Conditions as the server takes them, each as JSON; all have to hold. */
export function whereOf({ tags, owners, text }: Chosen): string[] {
  const picked = [...tags.map((tag) => ({ tags: tag })), ...FIELDS.flatMap((field) => (owners[field] === undefined ? [] : [{ [field]: owners[field] }]))];
  return [...picked.map((one) => JSON.stringify(one)), ...(text.trim() ? [text.trim()] : [])];
}

/** The part of an address behind its #, which keeps what is asked for; empty for nothing. */
export function hashOf(chosen: Chosen, namespace?: string): string {
  const values = new URLSearchParams();
  if (namespace !== undefined) values.set("namespace", namespace);
  for (const tag of chosen.tags) values.append("tag", tag);
  for (const field of FIELDS) if (chosen.owners[field] !== undefined) values.set(field, chosen.owners[field]);
  if (chosen.text.trim()) values.set("where", chosen.text.trim());
  const text = values.toString();
  return text && `#${text}`;
}

/** What such a part of an address keeps. */
export function readHash(hash: string): { chosen: Chosen; namespace: string | undefined } {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const owners = Object.fromEntries(FIELDS.flatMap((field) => (values.has(field) ? [[field, values.get(field)!]] : [])));
  return { chosen: { tags: [...new Set(values.getAll("tag"))], owners, text: values.get("where") ?? "" }, namespace: values.get("namespace") ?? undefined };
}

export class Conditions {
  /** Tags and owners to pick from; hidden where there are none. */
  readonly quick = h("section", { class: "quick", "aria-label": "Tags and owners", hidden: true });
  /** What one writes oneself. */
  readonly written: HTMLElement;
  private readonly text = h("textarea", { id: "where", class: "code", rows: 3, spellcheck: "false", maxlength: LONGEST, placeholder: '{"importance_score": {"$gte": 0.5}}', "aria-describedby": "where-hint where-error" });
  private readonly error = h("p", { id: "where-error", class: "error", role: "alert" });
  private choices: Choices = { tags: {}, user_id: [], agent_id: [], session_id: [] };
  private all = false;

  /** `apply` shows what meets the conditions, or tells why they cannot be. */
  constructor(
    private chosen: Chosen,
    private readonly apply: (chosen: Chosen) => Promise<string | undefined>,
  ) {
    this.text.value = chosen.text;
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.write();
    });
    this.written = h(
      "form",
      {
        class: "conditions",
        "aria-label": "Conditions",
        onsubmit: (event: Event) => {
          event.preventDefault();
          void this.write();
        },
      },
      h("label", { for: "where" }, "Conditions, JSON"),
      this.text,
      this.error,
      h("p", { id: "where-hint", class: "hint" }, "By any field, with $gte, $in, $or …; Enter applies."),
      h("div", { class: "actions" }, h("button", { type: "submit" }, "Apply"), h("button", { type: "button", onclick: () => void this.clear() }, "Clear all")),
    );
  }

  /** Offers what there is, beside what is picked. */
  offer(choices: Choices): void {
    this.choices = choices;
    this.render();
  }

  /** Asks for memories of a tag as well. */
  addTag(tag: string): Promise<void> {
    return this.ask({ ...this.chosen, tags: [...this.chosen.tags.filter((one) => one !== tag), tag] });
  }

  setOwner(field: Owner, name: string | undefined): Promise<void> {
    const { [field]: _, ...others } = this.chosen.owners;
    return this.ask({ ...this.chosen, owners: name === undefined ? others : { ...others, [field]: name } });
  }

  /** Shows all memories again. */
  clear(): Promise<void> {
    this.text.value = "";
    return this.ask(nothing());
  }

  /** Forgets what was asked for, without showing anything: in another namespace there is something else. */
  reset(): void {
    this.chosen = nothing();
    this.text.value = "";
    this.show(undefined);
  }

  /** Says why what is written cannot be, and goes on from what can. */
  refuse(kept: Chosen, refusal: string): void {
    this.chosen = kept;
    this.show(refusal);
    this.render();
  }

  private show(refusal: string | undefined): void {
    this.error.textContent = refusal ?? "";
    if (refusal === undefined) this.text.removeAttribute("aria-invalid");
    else this.text.setAttribute("aria-invalid", "true");
  }

  private write(): Promise<void> {
    return this.ask({ ...this.chosen, text: this.text.value });
  }

  private async ask(chosen: Chosen): Promise<void> {
    const before = this.chosen;
    this.chosen = chosen;
    this.render();
    const refusal = await this.apply(chosen);
    if (this.chosen !== chosen) return;
    if (refusal === undefined) this.show(undefined);
    else this.refuse(before, refusal);
  }

  private render(): void {
    const focused = document.activeElement instanceof HTMLElement && this.quick.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const { tags, owners } = this.chosen;
    const counts = Object.entries(this.choices.tags);
    const known = new Set(counts.map(([tag]) => tag));
    const offered = counts.filter(([tag], place) => this.all || place < OFFERED || tags.includes(tag));
    for (const tag of tags) if (!known.has(tag)) offered.push([tag, 0]);
    const fields = FIELDS.filter((field) => this.choices[field].length || owners[field] !== undefined);
    this.quick.hidden = !offered.length && !fields.length;
    fill(
      this.quick,
      offered.length
        ? h(
            "fieldset",
            {},
            h("legend", {}, "Tags"),
            h("ul", { class: "chips" }, ...offered.map(([tag, number]) => h("li", {}, this.chip(tag, number)))),
            offered.length < known.size || this.all
              ? h("button", { type: "button", class: "link", "data-key": "all", onclick: () => ((this.all = !this.all), this.render()) }, this.all ? "Show fewer" : `Show all ${known.size}`)
              : null,
          )
        : null,
      fields.length ? h("fieldset", {}, h("legend", {}, "Whose"), ...fields.map((field) => this.owner(field))) : null,
    );
    if (focused !== undefined) [...this.quick.querySelectorAll<HTMLElement>("[data-key]")].find((one) => one.dataset.key === focused)?.focus();
  }

  private chip(tag: string, number: number): HTMLElement {
    const pressed = this.chosen.tags.includes(tag);
    const toggle = () => void (pressed ? this.ask({ ...this.chosen, tags: this.chosen.tags.filter((one) => one !== tag) }) : this.addTag(tag));
    return h("button", { type: "button", class: "tag", "aria-pressed": String(pressed), title: tag, "data-key": `tag ${tag}`, onclick: toggle }, short(tag, 40), h("span", { class: "number" }, ` ${number.toLocaleString()}`));
  }

  private owner(field: Owner): HTMLElement {
    const chosen = this.chosen.owners[field];
    const names = this.choices[field];
    const offered = chosen === undefined || names.includes(chosen) ? names : [chosen, ...names];
    const choice: HTMLSelectElement = h(
      "select",
      // Any has no value of its own: an owner may be called anything.
      { id: `owner-${field}`, "data-key": field, onchange: () => void this.setOwner(field, offered[choice.selectedIndex - 1]) },
      h("option", {}, "any"),
      ...offered.map((name) => h("option", { selected: name === chosen }, short(name, 60))),
    );
    return h("div", { class: "row" }, h("label", { for: choice.id }, OWNERS[field]), choice);
  }
}
