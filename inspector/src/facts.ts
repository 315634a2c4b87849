// What is known of somebody or something: the profile of now, and what held when.
import type { Api } from "./api";
import { fill, h } from "./dom";
import { attempt } from "./notices";
import type { Go } from "./relations";
import { count, day, short } from "./text";
import type { Fact, FactsPage, ProfileLine } from "./types";

/** Least width of a bar, so that what held for an hour is still to be seen (percent). */
const LEAST = 1.5;

export class FactsPanel {
  private readonly choice = h("select", { id: "subject", onchange: () => void this.open(this.choice.value) });
  private readonly place = h("div", {});
  private asked = "";

  constructor(
    element: HTMLElement,
    private readonly api: Api,
    private readonly go: Go,
  ) {
    fill(element, h("h2", {}, "Facts"), h("p", { class: "row" }, h("label", { for: "subject" }, "About"), this.choice), this.place);
  }

  /** Shows what is known of a subject; of the one that most is known of where none is named. */
  async open(subject = this.asked): Promise<void> {
    this.asked = subject;
    const page = await attempt(this.api.facts(subject || undefined));
    // Meanwhile somebody else may have been chosen.
    if (page && this.asked === subject) this.render(page);
  }

  /** Forgets who was chosen, as in another namespace there are others. */
  empty(): void {
    this.asked = "";
  }

  private render(page: FactsPage): void {
    const { subjects } = page;
    fill(
      this.choice,
      ...(subjects.length ? subjects : [{ key: "", name: page.subject, facts: 0 }]).map((one) =>
        h("option", { value: one.name, selected: one.name === page.subject }, `${short(one.name, 40)} (${one.facts})`),
      ),
    );
    if (!page.facts.length) {
      fill(this.place, h("p", { class: "hint" }, `Nothing that was said so far is a fact about ${page.subject}: where people live and work, what they like, whom they know.`));
      return;
    }
    fill(this.place, ...this.profile(page), h("h3", {}, "What held when"), ...timelines(page.facts, Date.now() / 1000, this.go));
  }

  private profile(page: FactsPage): HTMLElement[] {
    const sections = new Map<string, ProfileLine[]>();
    for (const line of page.profile.lines) sections.set(line.section, [...(sections.get(line.section) ?? []), line]);
    if (!sections.size) return [h("p", { class: "hint" }, "Nothing of it holds at present.")];
    return [
      h("p", { class: "hint" }, `${count(page.profile.lines.length, "line")} of what holds now; each leads to what says so.`),
      ...[...sections].flatMap(([name, lines]) => [
        h("h3", {}, name.charAt(0).toUpperCase() + name.slice(1)),
        h("ul", { class: "plain profile" }, ...lines.map((line) => h("li", {}, source(line.fact, line.text, this.go)))),
      ]),
    ];
  }
}

/** A line for each attribute with its values as bars along the time, the last of which goes on until now. */
export function timelines(facts: Fact[], now: number, go: Go): HTMLElement[] {
  const [from, to] = bounds(facts, now);
  const attributes = new Map<string, Fact[]>();
  for (const fact of facts) attributes.set(fact.attribute, [...(attributes.get(fact.attribute) ?? []), fact]);
  return [
    h("p", { class: "axis-ends", "aria-hidden": "true" }, h("span", {}, day(from)), h("span", {}, day(to))),
    ...[...attributes].map(([name, group]) =>
      h(
        "section",
        { class: "attribute", "aria-label": name },
        h("h4", {}, name),
        h("ol", { class: "spans" }, ...group.map((fact) => span(fact, from, to, now, go))),
      ),
    ),
  ];
}

/** The earliest and the latest time that facts speak of; now is always between them. */
export function bounds(facts: Fact[], now: number): [number, number] {
  const times = facts.flatMap((fact) => [fact.valid_from, fact.valid_until, fact.known_from]).filter((at) => at !== null);
  return [Math.min(now, ...times), Math.max(now, ...times)];
}

/** Where a bar stands, in percent of the whole time. */
export function place(fact: Fact, from: number, to: number, now: number): { left: number; width: number } {
  const whole = to - from || 1;
  const start = fact.valid_from ?? from;
  const end = fact.valid_until ?? Math.max(now, start);
  const left = Math.min((100 * (start - from)) / whole, 100 - LEAST);
  return { left, width: Math.max(LEAST, Math.min((100 * (end - start)) / whole, 100 - left)) };
}

export function told(fact: Fact): string {
  const from = fact.valid_from === null ? "" : `from ${day(fact.valid_from)}`;
  const until = fact.valid_until === null ? "" : `until ${day(fact.valid_until)}`;
  return [from, until].filter(Boolean).join(" ") || "at some time";
}

function span(fact: Fact, from: number, to: number, now: number, go: Go): HTMLElement {
  const { left, width } = place(fact, from, to, now);
  const over = fact.valid_until !== null && fact.valid_until <= now;
  const bar = h("span", { class: `span${over ? " over" : ""}${fact.polarity ? "" : " denied"}`, "aria-hidden": "true" });
  bar.style.marginLeft = `${left}%`;
  bar.style.width = `${width}%`;
  const value = `${fact.polarity ? "" : "not "}${fact.value || "any"}`;
  return h("li", { class: over ? "over" : "" }, source(fact, value, go), h("span", { class: "about" }, ` ${told(fact)}`), bar);
}

/** A fact that leads to the latest memory that says so. */
function source(fact: Fact, text: string, go: Go): HTMLElement {
  const id = fact.memory_ids.at(-1);
  return id === undefined ? h("span", {}, text) : h("button", { type: "button", class: "link", onclick: () => go(`memory:${id}`) }, text);
}
