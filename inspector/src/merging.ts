// Consolidation: what would be merged side by side, which guard refused what, and runs with undo.
import { Api } from "./api";
import { attempt, count, fill, h, toast, when } from "./dom";
import type { Memory, Proposal, Review, Run, Verdict } from "./types";

const HOURS: [string, number][] = [
  ["day", 24],
  ["week", 168],
  ["month", 720],
  ["year", 8760],
];

export class MergingPanel {
  private readonly found = h("div", {});
  private readonly runs = h("div", {});
  private readonly window: HTMLSelectElement;

  constructor(
    element: HTMLElement,
    private readonly api: Api,
    private readonly readOnly: boolean,
    private readonly go: (id: string) => void,
    private readonly changed: () => void,
  ) {
    this.window = h(
      "select",
      { id: "merge-window" },
      ...HOURS.map(([name, hours]) => h("option", { value: hours, selected: hours === 8760 }, `last ${name}`)),
    );
    fill(
      element,
      h("h2", {}, "Merging"),
      h("p", { class: "hint" }, "Memories that say the same become one. A review changes nothing."),
      h(
        "div",
        { class: "actions" },
        h("label", { for: "merge-window", class: "beside" }, "Stored or changed in the"),
        this.window,
        h("button", { type: "button", class: "primary", onclick: () => void this.review() }, "Review"),
      ),
      this.found,
      h("h3", {}, "Runs"),
      this.runs,
    );
  }

  async open(): Promise<void> {
    const runs = await attempt(this.api.runs());
    if (!runs) return;
    if (!runs.length) fill(this.runs, h("p", { class: "hint" }, "Nothing was merged so far."));
    else fill(this.runs, h("ul", { class: "plain" }, ...runs.map((run) => this.run(run))));
  }

  async review(): Promise<void> {
    fill(this.found, h("p", { class: "hint", role: "status" }, "Comparing memories…"));
    const review = await attempt(this.api.review(Number(this.window.value)));
    if (review) this.show(review);
    else fill(this.found);
  }

  private show(review: Review): void {
    const refused = review.refused;
    fill(
      this.found,
      h(
        "p",
        { class: "hint" },
        `${count(review.memories_considered, "memory", "memories")} looked at, ${count(review.pairs_compared, "pair")} compared.`,
      ),
      h("h3", {}, review.proposals.length ? `Would become one: ${count(review.proposals.length, "group")}` : "Nothing would be merged"),
      ...review.proposals.map((proposal) => this.proposal(proposal, review.memories)),
      review.proposals.length && !this.readOnly
        ? h(
            "div",
            { class: "actions" },
            h("button", { type: "button", class: "primary", onclick: () => void this.merge() }, `Merge ${count(review.proposals.length, "group")}`),
          )
        : null,
      refused.length ? h("h3", {}, `Kept apart: ${count(review.refused_in_all, "pair")}`) : null,
      ...refused.map((pair) => this.refusal(pair, review.memories)),
    );
  }

  private async merge(): Promise<void> {
    const done = await attempt(this.api.consolidate(Number(this.window.value)));
    if (!done) return;
    fill(this.found);
    this.changed();
    await this.open();
    toast(`${count(done.proposals.length, "group")} merged.`, { label: "Undo", run: () => void this.undo(done.run_id) });
  }

  private async undo(id: string): Promise<void> {
    const done = await attempt(this.api.undo(id));
    if (!done) return;
    this.changed();
    await this.open();
    toast(`${count(done.restored_ids.length, "memory is", "memories are")} back as before.`);
  }

  private proposal(proposal: Proposal, memories: Record<string, Memory>): HTMLElement {
    const sources = proposal.merged.source_ids.map((id) => memories[id]).filter((m): m is Memory => m !== undefined);
    const kept = memories[proposal.merged.kept_id];
    return h(
      "article",
      { class: "pair" },
      h("p", { class: "verdict same" }, `say the same · at least ${proposal.lowest_similarity.toFixed(2)} alike`),
      h("div", { class: "sides" }, ...sources.map((memory) => this.side(memory, memory === kept ? sources.find((m) => m !== kept) : kept, memory === kept))),
    );
  }

  private refusal(pair: Verdict, memories: Record<string, Memory>): HTMLElement | null {
    const first = memories[pair.first_id];
    const second = memories[pair.second_id];
    if (!first || !second) return null;
    const what = pair.verdict === "outdated" ? "the second may outdate the first" : `kept apart by ${pair.guard ?? "its guards"}`;
    return h(
      "article",
      { class: "pair" },
      h("p", { class: "verdict apart" }, `${what} · ${pair.similarity.toFixed(2)} alike`),
      pair.reason ? h("p", { class: "reason" }, pair.reason) : null,
      h("div", { class: "sides" }, this.side(first, second, false), this.side(second, first, false)),
    );
  }

  private side(memory: Memory, other: Memory | undefined, kept: boolean): HTMLElement {
    return h(
      "div",
      { class: "side" },
      h("p", {}, ...marked(memory.content, other?.content ?? memory.content)),
      h(
        "footer",
        {},
        h("button", { type: "button", class: "link", onclick: () => this.go(`memory:${memory.memory_id}`) }, when(memory.timestamp)),
        kept && h("span", { class: "badge" }, "kept wording"),
      ),
    );
  }

  private run(run: Run): HTMLElement {
    return h(
      "li",
      { class: "run" },
      h("span", {}, `${when(run.started_at)}: ${run.status}, ${count(run.changed, "memory", "memories")} changed`),
      run.status === "done" && run.changed > 0 && !this.readOnly && h("button", { type: "button", onclick: () => void this.undo(run.run_id) }, "Undo"),
    );
  }
}

/** Words of a text, those that the other text has not as marks. */
export function marked(text: string, other: string): (Node | string)[] {
  const known = new Set(words(other));
  return text.split(/(\s+)/).map((part) => {
    const own = words(part);
    return own.length && !own.every((word) => known.has(word)) ? h("mark", {}, part) : part;
  });
}

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
