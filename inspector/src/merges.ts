// Consolidation: what would be merged side by side, which guard refused what, and runs with undo.
import type { Api } from "./api";
import { fill, h } from "./dom";
import { attempt, toast } from "./notices";
import { count, when } from "./text";
import type { ConsolidationProposal, JobRun, PairVerdict, Review, ShownMemory } from "./types";

const HOURS: [string, number][] = [
  ["day", 24],
  ["week", 168],
  ["month", 720],
  ["year", 8760],
];

export class MergesPanel {
  private readonly found = h("div", {});
  private readonly runs = h("div", {});
  private readonly mergeAll = h("div", { class: "actions" });
  private readonly window: HTMLSelectElement;
  /** Groups of the review that nobody decided about. */
  private undecided = 0;

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
      h("p", { class: "hint" }, "Memories that say the same become one. A review changes nothing; each group is merged or kept apart on its own, or all at once."),
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
    this.undecided = review.proposals.length;
    fill(
      this.found,
      h(
        "p",
        { class: "hint" },
        `${count(review.memories_considered, "memory", "memories")} looked at, ${count(review.pairs_compared, "pair")} compared. Marked words are those that the other has not.`,
      ),
      h("h3", {}, review.proposals.length ? `Would become one: ${count(review.proposals.length, "group")}` : "Nothing would be merged"),
      ...review.proposals.map((proposal) => this.proposal(proposal, review.memories)),
      this.mergeAll,
      refused.length ? h("h3", {}, `Kept apart: ${count(review.refused_in_all, "pair")}`) : null,
      ...refused.map((pair) => this.refusal(pair, review.memories)),
    );
    this.offerMergeAll();
  }

  /** Offers to merge all groups that nobody decided about. */
  private offerMergeAll(): void {
    if (this.readOnly || this.undecided < 1) fill(this.mergeAll);
    else fill(this.mergeAll, h("button", { type: "button", onclick: () => void this.merge() }, `Merge ${count(this.undecided, "group")}`));
  }

  /** Merges one group, and lets it be taken back where it stood. */
  private async accept(card: HTMLElement, ids: string[], despite: boolean): Promise<void> {
    const done = await attempt(this.api.merge(ids, despite));
    if (!done) return;
    this.replaceCard(card, `${count(ids.length, "memory", "memories")} merged into one.`, async () => {
      const undone = await attempt(this.api.undo(done.run_id));
      if (undone) this.changed();
      return undone !== undefined;
    });
    this.changed();
    await this.open();
  }

  private async refuse(card: HTMLElement, ids: string[]): Promise<void> {
    if (!(await attempt(this.api.decide(ids, true)))) return;
    this.replaceCard(card, "Kept apart: not proposed nor merged again.", async () => (await attempt(this.api.decide(ids, false))) !== undefined);
  }

  private async allow(card: HTMLElement, ids: string[]): Promise<void> {
    if (!(await attempt(this.api.decide(ids, false)))) return;
    this.replaceCard(card, "No longer kept apart by hand.", async () => (await attempt(this.api.decide(ids, true))) !== undefined);
  }

  /** Puts what was decided in the place of a card, which comes back where that is undone. */
  private replaceCard(card: HTMLElement, message: string, undo: () => Promise<boolean>): void {
    const proposed = card.classList.contains("proposed");
    if (proposed) this.undecided -= 1;
    this.offerMergeAll();
    const back = async () => {
      if (!(await undo())) return;
      if (proposed) this.undecided += 1;
      this.offerMergeAll();
      line.replaceWith(card);
      card.querySelector("button")?.focus();
      await this.open();
    };
    const button = h("button", { type: "button", onclick: () => void back() }, "Undo");
    const line = h("p", { class: "pair settled", role: "status" }, h("span", {}, message), button);
    card.replaceWith(line);
    button.focus();
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

  private proposal(proposal: ConsolidationProposal, memories: Record<string, ShownMemory>): HTMLElement {
    const ids = proposal.merged.source_ids;
    const sources = ids.map((id) => memories[id]).filter((m): m is ShownMemory => m !== undefined);
    const kept = memories[proposal.merged.kept_id];
    const card: HTMLElement = h(
      "article",
      { class: "pair proposed" },
      h("p", { class: "verdict same" }, `say the same · at least ${proposal.lowest_similarity.toFixed(2)} alike`),
      h("div", { class: "sides" }, ...sources.map((memory) => this.side(memory, memory === kept ? sources.find((m) => m !== kept) : kept, memory === kept))),
      h("p", { class: "reason" }, differences(sources)),
      !this.readOnly &&
        h(
          "div",
          { class: "actions" },
          h("button", { type: "button", class: "primary", onclick: () => void this.accept(card, ids, false) }, "Merge"),
          h("button", { type: "button", onclick: () => void this.refuse(card, ids) }, "Keep apart"),
        ),
    );
    return card;
  }

  private refusal(pair: PairVerdict, memories: Record<string, ShownMemory>): HTMLElement | null {
    const first = memories[pair.first_id];
    const second = memories[pair.second_id];
    if (!first || !second) return null;
    const ids = [pair.first_id, pair.second_id];
    const byHand = pair.guard === "refused";
    const what = byHand
      ? "kept apart by hand"
      : pair.verdict === "outdated"
        ? "the second may outdate the first"
        : `kept apart by ${pair.guard ?? "its guards"}`;
    const card: HTMLElement = h(
      "article",
      { class: "pair" },
      h("p", { class: "verdict apart" }, `${what} · ${pair.similarity.toFixed(2)} alike`),
      pair.reason ? h("p", { class: "reason" }, pair.reason) : null,
      h("div", { class: "sides" }, this.side(first, second, false), this.side(second, first, false)),
      !this.readOnly &&
        h(
          "div",
          { class: "actions" },
          byHand
            ? h("button", { type: "button", onclick: () => void this.allow(card, ids) }, "Allow merging")
            : pair.guard !== "type" && h("button", { type: "button", onclick: () => void this.accept(card, ids, true) }, "Merge all the same"),
        ),
    );
    return card;
  }

  private side(memory: ShownMemory, other: ShownMemory | undefined, kept: boolean): HTMLElement {
    return h(
      "div",
      { class: "side" },
      h("p", {}, ...marked(memory.content, other?.content ?? memory.content)),
      h(
        "footer",
        {},
        h("button", { type: "button", class: "link", onclick: () => this.go(`memory:${memory.memory_id}`) }, when(memory.timestamp)),
        typeof memory.metadata.speaker === "string" && h("span", {}, memory.metadata.speaker),
        kept && h("span", { class: "badge" }, "kept wording"),
      ),
    );
  }

  private run(run: JobRun): HTMLElement {
    return h(
      "li",
      { class: "run" },
      h("span", {}, `${when(run.started_at)}: ${run.status}, ${count(run.changed, "memory", "memories")} changed`),
      run.status === "done" && run.changed > 0 && !this.readOnly && h("button", { type: "button", onclick: () => void this.undo(run.run_id) }, "Undo"),
    );
  }
}

const several = (values: unknown[]): boolean => new Set(values.map((value) => JSON.stringify(value))).size > 1;

/** In which fields memories differ that would be merged, besides their words. */
export function differences(memories: ShownMemory[]): string {
  const differ = [
    several(memories.map((m) => m.memory_type)) && "type",
    several(memories.map((m) => m.metadata.speaker)) && "speaker",
    several(memories.map((m) => m.conversation_id)) && "conversation",
    several(memories.map((m) => Math.round(m.timestamp))) && "time",
    several(memories.map((m) => m.importance_score.toFixed(2))) && "importance",
    several(memories.map((m) => m.entities.map((e) => e.key).sort())) && "mentions",
  ].filter(Boolean);
  return differ.length ? `They differ in ${differ.join(", ")}; the merged memory unites them.` : "All their other fields are the same.";
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
