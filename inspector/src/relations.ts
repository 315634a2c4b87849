// How a memory relates to others (similar, outdated, merged), and its history.
import { h } from "./dom";
import { count, short, when } from "./text";
import type { LinkedMemory, MemoryPage, ShownMemory } from "./types";

export type Go = (id: string) => void;

/** Sections with the memories at the other ends of links and merges; none where there are none. */
export function relations(page: MemoryPage, go: Go): (HTMLElement | null)[] {
  const outdated = page.links.filter((link) => link.kind === "POSSIBLY_OUTDATED_BY");
  const similar = page.links.filter((link) => link.kind === "SIMILAR_TO");
  return [
    ...section("May be outdated by", outdated.filter((link) => link.outgoing).map((link) => linkedMemory(link, go))),
    ...section("May outdate", outdated.filter((link) => !link.outgoing).map((link) => linkedMemory(link, go))),
    ...section("Similar", similar.sort((a, b) => b.score - a.score).map((link) => linkedMemory(link, go))),
    ...page.merged_from.flatMap((merge) =>
      section(`Merged from ${merge.originals.length}, ${when(merge.merged_at)}`, merge.originals.map((other) => quote(other, go))),
    ),
    ...page.merged_into.flatMap((merge) =>
      section(`Merged into, ${when(merge.merged_at)}`, merge.merged ? [quote(merge.merged, go)] : []),
    ),
  ];
}

/** What happened to a memory, in the order of time. */
export function history(page: MemoryPage): HTMLElement {
  const { memory } = page;
  const events: [number | null, string][] = [
    [memory.timestamp, "happened"],
    [memory.created_at, page.merged_from.length ? "made by merging" : "stored"],
    [memory.updated_at, "last changed"],
    [memory.last_accessed, `last recalled, ${count(memory.access_count, "time")} in all`],
    [memory.archived_at, memory.consolidated_into ? "merged into another" : "archived"],
    [memory.expires_at, memory.lifetime === "short_term" ? "is forgotten, as it is short-term" : "ends"],
  ];
  const known = events.filter((event): event is [number, string] => event[0] !== null).sort((a, b) => a[0] - b[0]);
  return h(
    "ol",
    { class: "plain history" },
    ...known.map(([at, what]) => h("li", {}, h("time", {}, when(at)), h("span", {}, what))),
    memory.reinforcement_count ? h("li", {}, h("time", {}, ""), h("span", {}, `said ${count(memory.reinforcement_count, "more time")}`)) : null,
  );
}

function section(title: string, items: HTMLElement[]): (HTMLElement | null)[] {
  return items.length ? [h("h3", {}, title), ...items] : [];
}

function linkedMemory(link: LinkedMemory, go: Go): HTMLElement {
  return quote(link.memory, go, [`${link.score.toFixed(2)} alike`, reasonOf(link)]);
}

export function reasonOf(link: LinkedMemory): string | null {
  if (link.guard === null) return null;
  if (link.guard === "refused") return "kept apart by hand";
  const differs = link.reason ?? "";
  return link.kind === "POSSIBLY_OUTDATED_BY" ? differs || null : [`kept apart by ${link.guard}`, differs].filter(Boolean).join(": ");
}

/** Another memory as a link to its page. */
export function quote(memory: ShownMemory, go: Go, about: (string | null)[] = []): HTMLElement {
  return h(
    "blockquote",
    {},
    h("button", { type: "button", class: "link", onclick: () => go(`memory:${memory.memory_id}`) }, short(memory.content, 240)),
    h("footer", {}, [when(memory.timestamp), memory.archived_at === null ? null : "archived", ...about].filter(Boolean).join(" · ")),
  );
}
