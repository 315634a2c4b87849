// The page: puts its parts together, and lets each hear what the others do.
import { ActivityPanel } from "./activity";
import { pathNodes, pathNodesOf, showAnswers } from "./answers";
import { type Api, refusalOf } from "./api";
import { type Chosen, Conditions, hashOf, nothing, whereOf } from "./conditions";
import { fill, h } from "./dom";
import { EntityPanel } from "./entity";
import { FactsPanel } from "./facts";
import { Filters } from "./filters";
import { Finder } from "./finder";
import { fillFrame, nothingMet, nothingStored } from "./frame";
import { GraphView } from "./graph";
import { MemoryPanel } from "./memory";
import { MergesPanel } from "./merges";
import { narrowed } from "./narrowed";
import { attempt, say, toast } from "./notices";
import { Pages } from "./pages";
import type { Theme } from "./palette";
import { TimeSlider } from "./slider";
import { Tabs } from "./tabs";
import { count, short } from "./text";
import { applyTheme, chooseTheme, preferredTheme } from "./theme";
import { TimelinePanel } from "./timeline";
import type { Answers, DrawnGraph, EntityPage, LiveUpdate, ShownMemory, State } from "./types";
import { UpkeepPanel } from "./upkeep";
import { walkByKeys } from "./walking";

/** Everything on the page, wired together; `size` is the number of memories that are loaded at a time. */
export class Page {
  private theme: Theme = preferredTheme();
  private readonly view: GraphView;
  private readonly finder: Finder;
  private readonly filters: Filters;
  private readonly conditions: Conditions;
  private readonly slider: TimeSlider;
  private readonly tabs: Tabs;
  private readonly memory: MemoryPanel;
  private readonly entity: EntityPanel;
  private readonly facts: FactsPanel;
  private readonly merges: MergesPanel;
  private readonly upkeep: UpkeepPanel;
  private readonly timeline: TimelinePanel;
  private readonly pages: Pages;
  private readonly archived = h("input", { type: "checkbox", id: "archived" });
  private readonly communities = h("input", { type: "checkbox", id: "communities" });
  private readonly summary = h("p", { class: "summary", role: "status" });
  private readonly more = h("button", { type: "button", id: "more", hidden: true, onclick: () => void this.loadMore() }, "Load older");
  private readonly activity: ActivityPanel;
  private readonly stage = h("div", { class: "stage", tabindex: 0, role: "application", "aria-label": "Graph of memories. Arrow keys go from node to node, Enter opens one, X brings what is linked to it. With Shift they move the picture; plus and minus zoom, 0 shows all." });
  private readonly empty = h("div", { class: "empty", hidden: true });
  private answers: Answers | undefined;
  private pathFrom: string | undefined;
  /** How often the graph was asked for: of two answers the later one counts. */
  private turn = 0;
  private loading: Promise<unknown> = Promise.resolve();
  private offering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    root: Element,
    private state: State,
    private readonly size: number,
    /** What conditions were asked for, and in which namespace where one was named. */
    private asked: { chosen: Chosen; namespace: string | undefined },
  ) {
    this.api.namespace = state.namespace;
    applyTheme(this.theme);
    this.tabs = new Tabs((tab) => {
      if (tab === "facts") void this.facts.open();
      if (tab === "merging") void this.merges.open();
      if (tab === "upkeep") void this.upkeep.open();
      if (tab === "timeline") this.timeline.offer();
    });
    const { panels } = this.tabs;
    this.activity = new ActivityPanel(panels.live, api, { updated: (update) => void this.receive(update), go: (id) => void this.go(id) });
    this.filters = new Filters(
      (filter) => (this.view.setFilter(filter), this.summarise()),
      h("label", { class: "check" }, this.archived, h("span", { class: "dot kind-archived", "aria-hidden": "true" }), "archived"),
      h("label", { class: "check" }, this.communities, h("span", { class: "dot kind-communities", "aria-hidden": "true" }), "communities by colour"),
    );
    this.slider = new TimeSlider((asOf) => (this.view.setTime(asOf), this.summarise()));
    this.conditions = new Conditions(asked.chosen, (chosen) => this.filterBy(chosen));
    const left = h("div", {}, this.conditions.quick, this.filters.element, this.conditions.written);
    fillFrame(
      root,
      { state, dot: this.activity.dot, left, stage: this.stage, empty: this.empty, footer: [this.summary, this.more, this.slider.element], right: [this.tabs.list, ...Object.values(panels)] },
      {
        ask: (question) => void this.ask(question),
        namespace: (name) => void this.switchNamespace(name),
        theme: () => this.switchTheme(),
        zoom: (factor) => this.view.camera.zoom(factor),
        all: () => this.all(),
      },
    );
    this.view = new GraphView(this.stage, this.theme, {
      select: (id) => this.select(id),
      expand: (id) => void this.expand(id),
      settled: () => void this.pages.loadVisible(this.archived.checked),
    });
    this.pages = new Pages(api, this.view, this.size, () => this.summarise());
    this.finder = new Finder(this.view, (id) => void this.go(id), { count: () => this.pages.left, load: (words) => this.loadMatches(words) });
    left.prepend(this.finder.element);
    this.archived.addEventListener("change", () => void this.load());
    this.communities.addEventListener("change", () => this.view.colourBy(this.communities.checked ? "community" : "type"));
    const readOnly = state.read_only;
    this.memory = new MemoryPanel(panels.memory, {
      api,
      readOnly,
      go: (id) => void this.go(id),
      changed: (memory) => this.updateMemory(memory),
      removed: (id) => this.removeMemories([id]),
      expand: (id) => void this.expand(id),
      findPath: (id) => this.findPath(id),
      reload: () => void this.load(),
      passage: (id) => this.answers?.results.find((found) => found.memory_id === id)?.passages[0],
      only: (field, name) => void (field === "tags" ? this.conditions.addTag(name) : this.conditions.setOwner(field, name)),
    });
    this.entity = new EntityPanel(panels.memory, api, {
      go: (id) => void this.go(id),
      loaded: (id, page) => this.showEntity(id, page),
    });
    this.facts = new FactsPanel(panels.facts, api, (id) => void this.go(id));
    this.merges = new MergesPanel(panels.merging, api, readOnly, (id) => void this.go(id), () => void this.load());
    this.upkeep = new UpkeepPanel(panels.upkeep, api, readOnly, (tag) => void this.conditions.addTag(tag));
    this.timeline = new TimelinePanel(panels.timeline, api, this.view, (id) => void this.go(id));
    fill(panels.answers, h("p", { class: "hint" }, "Ask a question above: the answers come ranked, and the way that led to them lights up in the graph."));
    walkByKeys(this.stage, this.view, {
      find: () => this.finder.focus(),
      select: (id) => this.select(id),
      expand: (id) => void this.expand(id),
      all: () => this.all(),
    });
    this.tabs.show("answers");
  }

  /**
   * Shows the namespace anew: the newest memories, to which older ones join as one looks further.
   *
   * Conditions that cannot be are told in the answer, and what was shown stays.
   */
  load(asked?: Promise<DrawnGraph>): Promise<string | undefined> {
    return (this.loading = this.loadNow(asked));
  }

  private async loadNow(asked?: Promise<DrawnGraph>): Promise<string | undefined> {
    const turn = ++this.turn;
    this.stage.dataset.shown = "nothing";
    const first = await attempt((asked ?? this.api.graph(this.size, this.archived.checked)).catch(refusalOf));
    if (turn !== this.turn) return undefined;
    if (typeof first === "string") {
      this.stage.dataset.shown = "all";
      return first;
    }
    if (!first) return undefined;
    history.replaceState(null, "", `${location.pathname}${hashOf(this.asked.chosen, this.asked.namespace)}`);
    this.slider.setRange(this.state.stats.oldest_timestamp);
    this.view.load(first, this.filters.filter);
    this.pages.reset(first);
    this.summarise();
    this.showEmpty(first.nodes.length === 0);
    await drawn();
    this.stage.dataset.shown = "all";
    this.activity.listen();
    void this.offer();
    return undefined;
  }

  /** Shows the first picture. Conditions of the address that cannot be are told, and left out. */
  async open(first: Promise<DrawnGraph>): Promise<void> {
    const refusal = await this.load(first);
    if (refusal === undefined) return;
    for (const chosen of [{ ...this.asked.chosen, text: "" }, nothing()]) if ((await this.filterBy(chosen)) === undefined) break;
    this.conditions.refuse(this.asked.chosen, refusal);
  }

  private async filterBy(chosen: Chosen): Promise<string | undefined> {
    const before = this.asked;
    this.setAsked({ ...before, chosen });
    const refusal = await this.load();
    if (refusal === undefined) say(this.summary.textContent);
    else this.setAsked(before);
    return refusal;
  }

  private setAsked(asked: { chosen: Chosen; namespace: string | undefined }): void {
    this.asked = asked;
    this.api.where = whereOf(asked.chosen);
  }

  private async offer(): Promise<void> {
    const choices = await attempt(this.api.choices());
    if (choices) this.conditions.offer(choices);
  }

  private async loadMore(): Promise<void> {
    this.more.disabled = true;
    if (await this.pages.loadOlder(this.archived.checked)) this.view.camera.frameAll();
    this.more.disabled = false;
  }

  private showEmpty(empty: boolean): void {
    this.empty.hidden = !empty;
    if (!empty) return;
    fill(this.empty, ...(this.api.where.length ? nothingMet(() => void this.conditions.clear()) : nothingStored(this.state)));
  }

  private summarise(): void {
    const memories = this.view.graph.filterNodes((id) => id.startsWith("memory:")).length;
    const total = Math.max(memories, this.pages.total);
    const parts = [total > memories ? `${memories.toLocaleString()} of ${count(total, "memory", "memories")}` : count(memories, "memory", "memories")];
    if (this.view.filteredOut) parts.push(`${count(this.view.filteredOut, "node")} filtered out`);
    if (this.api.where.length) parts.push("by conditions");
    this.summary.textContent = parts.join(" · ");
    this.more.hidden = !this.pages.left;
  }

  private removeMemories(ids: string[]): void {
    const known = ids.filter((id) => this.view.graph.hasNode(`memory:${id}`)).length;
    this.view.remove(ids);
    this.pages.adjust(0, known);
    this.summarise();
  }

  private async ask(question: string): Promise<void> {
    if (!question) return;
    this.tabs.show("answers");
    fill(this.tabs.panels.answers, h("p", { class: "hint", role: "status" }, "Searching…"));
    const answers = await attempt(this.api.ask(question, this.slider.asOf));
    if (!answers) {
      fill(this.tabs.panels.answers, h("p", { class: "hint" }, "The question could not be answered; the line below says why."));
      return;
    }
    this.answers = answers;
    this.view.merge(answers.graph);
    this.summarise();
    this.lightAnswers();
    showAnswers(this.tabs.panels.answers, question, answers, (id) => this.label(id), {
      open: (id) => void this.go(id),
      light: (item) => this.lightAnswers(item),
    });
    this.view.camera.frame(pathNodes(answers).nodes);
    say(answers.results.length ? `${count(answers.results.length, "answer")}. The first: ${short(answers.results[0]!.passages[0]?.text ?? answers.results[0]!.content, 120)}` : "Nothing was found.");
  }

  /** Lets memories join that are not shown yet and that words find. */
  private async loadMatches(words: string): Promise<void> {
    const found = await attempt(this.api.ask(words));
    if (!found) return;
    this.view.merge(found.graph);
    this.summarise();
  }

  private lightAnswers(item?: ShownMemory): void {
    if (!this.answers) return;
    const { nodes, seeds } = pathNodes(this.answers);
    this.view.light(item ? pathNodesOf(item) : nodes, seeds);
  }

  private select(id: string | undefined): void {
    if (this.pathFrom && id && id !== this.pathFrom) return this.showPath(this.pathFrom, id);
    if (id === undefined) {
      this.answers = undefined;
      this.pathFrom = undefined;
      this.view.light(undefined);
      this.view.select(undefined);
      this.view.hover(undefined);
      return;
    }
    void this.openNode(id);
  }

  private async openNode(id: string): Promise<void> {
    this.view.select(id);
    this.entity.cancel();
    this.memory.cancel();
    if (id.startsWith("conversation:")) {
      this.tabs.show("timeline");
      return this.timeline.show(id.slice(13));
    }
    this.tabs.show("memory");
    return id.startsWith("memory:") ? this.memory.show(id.slice(7)) : this.entity.show(id);
  }

  /** Puts the memories of an entity into the graph. */
  private showEntity(id: string, page: EntityPage): void {
    this.view.merge(page.graph);
    if (!this.view.graph.hasNode(id)) return;
    this.view.select(id);
    this.view.light(new Set([id, ...this.view.graph.neighbors(id)]), undefined, id);
    this.view.camera.frame([id, ...page.memories.map((memory) => memory.id)]);
    this.summarise();
  }

  /** Opens a node and brings it into view, loading it where it is not part of the graph yet. */
  private async go(id: string): Promise<void> {
    if (this.pathFrom && id !== this.pathFrom && this.view.graph.hasNode(id)) return this.showPath(this.pathFrom, id);
    if (this.view.graph.hasNode(id)) this.view.camera.frame([id, ...this.view.graph.neighbors(id).slice(0, 12)]);
    return this.openNode(id);
  }

  private async expand(id: string): Promise<void> {
    if (!id.startsWith("memory:")) return this.openNode(id);
    const part = await attempt(this.api.neighbourhood(id.slice(7)));
    if (!part) return;
    const before = this.view.graph.order;
    this.view.merge(part);
    this.view.light(new Set([id, ...this.view.graph.neighbors(id), ...part.nodes.map((node) => node.id)]));
    this.view.camera.frame(part.nodes.map((node) => node.id));
    this.summarise();
    toast(`${count(this.view.graph.order - before, "node")} added around it.`);
  }

  private findPath(id: string): void {
    this.pathFrom = id;
    toast("Choose the other end in the graph or by Find. Escape leaves it.");
    this.finder.focus();
  }

  private showPath(from: string, to: string): void {
    this.pathFrom = undefined;
    const path = this.view.path(from, to);
    if (!path) {
      toast("No path in view joins the two.");
      return;
    }
    this.answers = undefined;
    this.view.light(new Set(path), new Set([from, to]));
    this.view.camera.frame(path);
    toast(`${count(path.length - 1, "step")}: ${path.map((id) => short(this.label(id) ?? id, 30)).join(" → ")}`);
  }

  private async receive(happened: LiveUpdate): Promise<void> {
    if (happened.changed?.length || happened.gone?.length) {
      // Tags and owners may be others now; many changes come at once.
      clearTimeout(this.offering);
      this.offering = setTimeout(() => void this.offer(), 1000);
    }
    // What comes while the graph is asked for may not be part of the answer.
    await this.loading;
    const turn = this.turn;
    const update = await attempt(narrowed(this.api, happened));
    // Meanwhile all of it was loaded again.
    if (!update || turn !== this.turn) return;
    // What went may have been archived, and is to be seen where archived memories are.
    if (update.reload || (update.gone?.length && this.archived.checked)) {
      void this.load();
      return;
    }
    if (update.gone?.length) this.removeMemories(update.gone);
    if (update.graph) {
      // Those that a load brought meanwhile are counted.
      const came = (update.new ?? []).filter((id) => !this.view.graph.hasNode(`memory:${id}`)).length;
      this.view.merge(update.graph, update.changed);
      this.pages.adjust(came, 0);
      this.empty.hidden = true;
    }
    if (update.recalled) this.view.highlight(update.recalled.map((id) => `memory:${id}`));
    if (update.graph) this.summarise();
  }

  /** Lets the graph follow a memory that was changed here. */
  private updateMemory(memory: ShownMemory): void {
    const id = `memory:${memory.memory_id}`;
    if (!this.view.graph.hasNode(id)) return;
    this.view.graph.mergeNodeAttributes(id, { label: short(memory.content, 160), importance: memory.importance_score });
    this.view.refresh();
  }

  private label(id: string): string | undefined {
    return this.view.graph.hasNode(id) ? (this.view.graph.getNodeAttribute(id, "label") as string) : undefined;
  }

  private async switchNamespace(namespace: string): Promise<void> {
    this.api.namespace = namespace;
    this.activity.stop();
    this.setAsked({ chosen: nothing(), namespace });
    this.conditions.reset();
    const state = await attempt(this.api.state());
    if (!state) return;
    this.state = state;
    this.answers = undefined;
    this.memory.empty();
    this.facts.empty();
    await this.load();
    this.timeline.empty();
  }

  private all(): void {
    this.view.light(undefined);
    this.view.camera.frameAll();
  }

  private switchTheme(): void {
    this.theme = this.theme === "light" ? "dark" : "light";
    chooseTheme(this.theme);
    this.view.setTheme(this.theme);
  }
}

/** Resolves once the browser has drawn what was put on the page. */
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
