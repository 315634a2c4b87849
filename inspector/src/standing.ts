// Whether a memory still holds: what says otherwise, and what people say of it by hand.
import type { Api } from "./api";
import { h } from "./dom";
import { attempt, toast } from "./notices";
import { type Go, quote } from "./relations";
import { day, short, when } from "./text";
import type { MemoryPage, MemoryVersion, ShownMemory } from "./types";

/** What a memory is called where not all of it holds; undefined where it does. */
export function standingOf(memory: ShownMemory, now: number): string | undefined {
  if (memory.standing === "retracted") return "retracted";
  if (memory.valid_until !== null && memory.valid_until <= now) return "outdated";
  return memory.superseded_by === null ? undefined : "partly outdated";
}

/** What no longer holds, since when, and what holds instead. */
export function validity(page: MemoryPage, go: Go): (HTMLElement | null)[] {
  const { memory, successor, replaced } = page;
  const since = memory.valid_until === null ? "" : ` since ${day(memory.valid_until)}`;
  return [
    successor ? h("h3", {}, `Replaced${since} by`) : null,
    successor ? quote(successor, go) : null,
    !successor && memory.valid_until !== null ? h("p", { class: "hint" }, `Does not hold${since}.`) : null,
    replaced.length ? h("h3", {}, "Stands in the place of") : null,
    ...replaced.map((other) => quote(other, go)),
    page.facts.length ? h("h3", {}, "Says") : null,
    page.facts.length
      ? h("ul", { class: "plain" }, ...page.facts.map((fact) => h("li", { class: fact.valid_until === null ? "" : "over" }, `${fact.subject}: ${fact.attribute} ${fact.polarity ? "" : "not "}${fact.value}`)))
      : null,
  ];
}

/** How a memory was from one change to the next, the latest first; nothing where it was never changed. */
export function versions(found: MemoryVersion[]): HTMLElement | null {
  if (found.length < 2) return null;
  return h(
    "ol",
    { class: "plain versions", reversed: true },
    ...[...found].reverse().map((one) =>
      h("li", {}, h("time", {}, when(one.at)), h("span", {}, ` ${one.operation} by ${one.actor}`), h("p", { class: "said" }, short(one.content, 240))),
    ),
  );
}

interface Context {
  api: Api;
  changed: (memory: ShownMemory) => void;
  show: (id: string) => Promise<void>;
  reload: () => void;
}

/** Buttons that say by hand whether a memory holds. */
export function standingActions(page: MemoryPage, context: Context, ask: (form: HTMLElement) => void): HTMLElement[] {
  const { memory } = page;
  const id = memory.memory_id;
  const after = async (done: Promise<{ memory: ShownMemory }>, said: string) => {
    if (!(await attempt(done))) return;
    context.reload();
    await context.show(id);
    toast(said);
  };
  const held = standingOf(memory, Date.now() / 1000) === undefined;
  if (!held) {
    return [button("Reinstate", () => void after(context.api.reinstate(id), "It holds again."))];
  }
  return [
    button("Replace…", () => ask(replacement(memory, (content) => void after(context.api.supersede(id, { content }), "Replaced: what you wrote holds instead.")))),
    button("Retract", () => void after(context.api.retract(id), "Retracted: it counts as never said, and can be reinstated.")),
  ];
}

function replacement(memory: ShownMemory, save: (content: string) => void): HTMLElement {
  const text = h("textarea", { id: "replacement", rows: 4, value: memory.content });
  const form: HTMLElement = h(
    "form",
    {
      class: "edit",
      onsubmit: (event: Event) => {
        event.preventDefault();
        if (text.value.trim() && text.value.trim() !== memory.content.trim()) save(text.value);
        else toast("Write what holds instead.");
      },
    },
    h("label", { for: "replacement" }, "What holds instead; the old memory stays, as outdated"),
    text,
    h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, "Replace"), h("button", { type: "button", onclick: () => form.remove() }, "Cancel")),
  );
  return form;
}

function button(name: string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", onclick }, name);
}
