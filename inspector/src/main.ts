// The inspector: puts the parts of the page together.
import "./style.css";
import { showAnswers, walk, walkOf } from "./answers";
import { Api } from "./api";
import { attempt, count, fill, h, say, short, toast } from "./dom";
import { Filters, TimeSlider } from "./filters";
import { Finder } from "./finder";
import { arrange } from "./frame";
import { GraphView } from "./graph";
import { Happening } from "./activity";
import { listenToKeys } from "./keys";
import { ListingPanel } from "./entity";
import { MemoryPanel } from "./memory";
import { MergingPanel } from "./merges";
import { Paging } from "./pages";
import type { Theme } from "./palette";
import { Tabs } from "./tabs";
import { TimelinePanel } from "./timeline";
import type { Answers, Drawing, Listing, Memory, State, Told } from "./types";
import { UpkeepPanel } from "./upkeep";

/** Memories of a page: those of the first view, and those that follow as one looks further. `page` in the address. */
const PAGE = Number(new URLSearchParams(location.search).get("page")) || 1000;

// The token did its work; it should not stay in the address or the history.
if (location.search) history.replaceState(null, "", "/");

const api = new Api();
const root = document.querySelector("#app")!;

async function start(): Promise<void> {
  // Both at once: placing the first memories takes the server a while.
  const first = api.graph(PAGE, false);
  first.catch(() => undefined);
  fill(root, h("main", { class: "alone" }, h("h1", {}, "Memory inspector"), h("p", { role: "status" }, "Opening the memory…")));
  const state = await attempt(api.state());
  if (!state) {
    fill(root, h("main", { class: "alone" }, h("h1", {}, "Memory inspector"), h("p", {}, "The memory could not be read. The line below says why.")));
    return;
  }
  new Page(state, first);
}

class Page {
  private theme: Theme = theme();
  private readonly view: GraphView;
  private readonly finder: Finder;
  private readonly filters: Filters;
  private readonly slider: TimeSlider;
  private readonly tabs: Tabs;
  private readonly memory: MemoryPanel;
  private readonly listing: ListingPanel;
  private readonly merging: MergingPanel;
  private readonly upkeep: UpkeepPanel;
  private readonly timeline: TimelinePanel;
  private readonly paging: Paging;
  private readonly archived = h("input", { type: "checkbox", id: "archived" });
  private readonly communities = h("input", { type: "checkbox", id: "communities" });
  private readonly summary = h("p", { class: "summary", role: "status" });
  private readonly more = h("button", { type: "button", id: "more", hidden: true, onclick: () => void this.loadMore() }, "Load older");
  private readonly happening: Happening;
  private readonly stage = h("div", { class: "stage", tabindex: 0, role: "application", "aria-label": "Graph of memories. Arrow keys go from node to node, Enter opens one, X brings what is linked to it. With Shift they move the picture; plus and minus zoom, 0 shows all." });
  private readonly empty = h("div", { class: "empty", hidden: true });
  private answers: Answers | undefined;
  private pathFrom: string | undefined;

  constructor(
    private state: State,
    first: Promise<Drawing>,
  ) {
    api.namespace = state.namespace;
    document.documentElement.dataset.theme = this.theme;
    this.tabs = new Tabs((tab) => {
      if (tab === "merging") void this.merging.open();
      if (tab === "upkeep") void this.upkeep.open();
      if (tab === "timeline") this.timeline.offer();
    });
    const { panels } = this.tabs;
    this.happening = new Happening(panels.live, api, { told: (told) => this.hear(told), go: (id) => void this.go(id) });
    this.filters = new Filters(
      (filter) => (this.view.setFilter(filter), this.summarise()),
      h("label", { class: "check" }, this.archived, h("span", { class: "dot kind-archived", "aria-hidden": "true" }), "archived"),
      h("label", { class: "check" }, this.communities, h("span", { class: "dot kind-communities", "aria-hidden": "true" }), "communities by colour"),
    );
    this.slider = new TimeSlider((asOf) => (this.view.setTime(asOf), this.summarise()));
    const left = h("div", {}, this.filters.element);
    arrange(
      root,
      { state, dot: this.happening.dot, left, stage: this.stage, empty: this.empty, footer: [this.summary, this.more, this.slider.element], right: [this.tabs.list, ...Object.values(panels)] },
      {
        ask: (question) => void this.ask(question),
        namespace: (name) => void this.change(name),
        theme: () => this.switchTheme(),
        zoom: (factor) => this.view.zoom(factor),
        all: () => this.all(),
      },
    );
    this.view = new GraphView(this.stage, this.theme, {
      select: (id) => this.select(id),
      expand: (id) => void this.expand(id),
      settled: () => void this.paging.settled(this.archived.checked),
    });
    this.paging = new Paging(api, this.view, PAGE, () => this.summarise());
    this.finder = new Finder(this.view, (id) => void this.go(id), { left: () => this.paging.left, bring: (words) => this.bring(words) });
    left.prepend(this.finder.element);
    this.archived.addEventListener("change", () => void this.load());
    this.communities.addEventListener("change", () => this.view.colourBy(this.communities.checked ? "community" : "type"));
    const readOnly = state.read_only;
    this.memory = new MemoryPanel(panels.memory, {
      api,
      readOnly,
      go: (id) => void this.go(id),
      changed: (memory) => this.follow(memory),
      removed: (id) => this.forget([id]),
      expand: (id) => void this.expand(id),
      findPath: (id) => this.findPath(id),
      moved: () => void this.load(),
    });
    this.listing = new ListingPanel(panels.memory, api, {
      go: (id) => void this.go(id),
      found: (id, listing) => this.unfold(id, listing),
    });
    this.merging = new MergingPanel(panels.merging, api, readOnly, (id) => void this.go(id), () => void this.load());
    this.upkeep = new UpkeepPanel(panels.upkeep, api, readOnly);
    this.timeline = new TimelinePanel(panels.timeline, api, this.view, (id) => void this.go(id));
    fill(panels.answers, h("p", { class: "hint" }, "Ask a question above: the answers come ranked, and the way that led to them lights up in the graph."));
    this.keys();
    this.tabs.show("answers");
    void this.load(first);
  }

  /** Shows the namespace anew: the newest memories, to which older ones join as one looks further. */
  private async load(asked?: Promise<Drawing>): Promise<void> {
    this.happening.stop();
    this.stage.dataset.shown = "nothing";
    const first = await attempt(asked ?? api.graph(PAGE, this.archived.checked));
    if (!first) return;
    this.slider.setRange(this.state.stats.oldest_timestamp);
    this.view.load(first, this.filters.filter);
    this.paging.begin(first);
    this.summarise();
    this.showEmpty(first.nodes.length === 0);
    await drawn();
    this.stage.dataset.shown = "all";
    this.happening.listen();
  }

  private async loadMore(): Promise<void> {
    this.more.disabled = true;
    if (await this.paging.more(this.archived.checked)) this.view.frameAll();
    this.more.disabled = false;
  }

  private showEmpty(empty: boolean): void {
    this.empty.hidden = !empty;
    if (!empty) return;
    const others = this.state.namespaces.filter((name) => name !== this.state.namespace);
    fill(
      this.empty,
      h("h2", {}, `Nothing is remembered in “${this.state.namespace}” yet`),
      h("p", {}, "Store something, and it appears here:"),
      h("pre", {}, 'coda-graphmem add "Nora rows on Sundays"\ncoda-graphmem import conversation.jsonl'),
      others.length ? h("p", {}, `Or choose another namespace at the top: ${others.slice(0, 5).join(", ")}.`) : null,
    );
  }

  private summarise(): void {
    const memories = this.view.graph.filterNodes((id) => id.startsWith("memory:")).length;
    const total = Math.max(memories, this.paging.total);
    const parts = [total > memories ? `${memories.toLocaleString()} of ${count(total, "memory", "memories")}` : count(memories, "memory", "memories")];
    if (this.view.filteredOut) parts.push(`${count(this.view.filteredOut, "node")} filtered out`);
    this.summary.textContent = parts.join(" · ");
    this.more.hidden = !this.paging.left;
  }

  private forget(ids: string[]): void {
    const known = ids.filter((id) => this.view.graph.hasNode(`memory:${id}`)).length;
    this.view.remove(ids);
    this.paging.follow(0, known);
    this.summarise();
  }

  private async ask(question: string): Promise<void> {
    if (!question) return;
    this.tabs.show("answers");
    fill(this.tabs.panels.answers, h("p", { class: "hint", role: "status" }, "Searching…"));
    const answers = await attempt(api.ask(question, this.slider.asOf));
    if (!answers) {
      fill(this.tabs.panels.answers, h("p", { class: "hint" }, "The question could not be answered; the line below says why."));
      return;
    }
    this.answers = answers;
    this.view.merge(answers.graph);
    this.summarise();
    this.relight();
    showAnswers(this.tabs.panels.answers, question, answers, (id) => this.label(id), {
      open: (id) => void this.go(id),
      light: (item) => this.relight(item),
    });
    this.view.frame(walk(answers).nodes);
    say(answers.results.length ? `${count(answers.results.length, "answer")}. The first: ${short(answers.results[0]!.content, 120)}` : "Nothing was found.");
  }

  /** Lets memories join that are not shown yet and that words find. */
  private async bring(words: string): Promise<void> {
    const found = await attempt(api.ask(words));
    if (!found) return;
    this.view.merge(found.graph);
    this.summarise();
  }

  private relight(item?: Memory): void {
    if (!this.answers) return;
    const { nodes, seeds } = walk(this.answers);
    this.view.light(item ? walkOf(item) : nodes, seeds);
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
    void this.open(id);
  }

  private async open(id: string): Promise<void> {
    this.view.select(id);
    this.listing.leave();
    this.memory.leave();
    if (id.startsWith("conversation:")) {
      this.tabs.show("timeline");
      return this.timeline.show(id.slice(13));
    }
    this.tabs.show("memory");
    return id.startsWith("memory:") ? this.memory.show(id.slice(7)) : this.listing.show(id);
  }

  /** Puts the memories of an entity into the graph. */
  private unfold(id: string, listing: Listing): void {
    this.view.merge(listing.graph);
    if (!this.view.graph.hasNode(id)) return;
    this.view.select(id);
    this.view.light(new Set([id, ...this.view.graph.neighbors(id)]), undefined, id);
    this.view.frame([id, ...listing.memories.map((memory) => memory.id)]);
    this.summarise();
  }

  /** Opens a node and brings it into view, loading it where it is not part of the graph yet. */
  private async go(id: string): Promise<void> {
    if (this.pathFrom && id !== this.pathFrom && this.view.graph.hasNode(id)) return this.showPath(this.pathFrom, id);
    if (this.view.graph.hasNode(id)) this.view.frame([id, ...this.view.graph.neighbors(id).slice(0, 12)]);
    return this.open(id);
  }

  private async expand(id: string): Promise<void> {
    if (!id.startsWith("memory:")) return this.open(id);
    const part = await attempt(api.around(id.slice(7)));
    if (!part) return;
    const before = this.view.graph.order;
    this.view.merge(part);
    this.view.light(new Set([id, ...this.view.graph.neighbors(id), ...part.nodes.map((node) => node.id)]));
    this.view.frame(part.nodes.map((node) => node.id));
    this.summarise();
    toast(`${count(this.view.graph.order - before, "node")} added around it.`);
  }

  private findPath(id: string): void {
    this.pathFrom = id;
    toast("Choose the other end in the graph or by Find. Escape leaves it.");
    this.finder.begin();
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
    this.view.frame(path);
    toast(`${count(path.length - 1, "step")}: ${path.map((id) => short(this.label(id) ?? id, 30)).join(" → ")}`);
  }

  private hear(told: Told): void {
    if (told.reload) {
      void this.load();
      return;
    }
    if (told.gone?.length) this.forget(told.gone);
    if (told.graph) {
      this.view.merge(told.graph, told.changed);
      this.paging.follow(told.new?.length ?? 0, 0);
      this.empty.hidden = true;
    }
    if (told.recalled) this.view.enliven(told.recalled.map((id) => `memory:${id}`));
    if (told.graph) this.summarise();
  }

  /** Lets the graph follow a memory that was changed here. */
  private follow(memory: Memory): void {
    const id = `memory:${memory.memory_id}`;
    if (!this.view.graph.hasNode(id)) return;
    this.view.graph.mergeNodeAttributes(id, { label: short(memory.content, 160), importance: memory.importance_score });
    this.view.refresh();
  }

  private label(id: string): string | undefined {
    return this.view.graph.hasNode(id) ? (this.view.graph.getNodeAttribute(id, "label") as string) : undefined;
  }

  private async change(namespace: string): Promise<void> {
    api.namespace = namespace;
    const state = await attempt(api.state());
    if (!state) return;
    this.state = state;
    this.answers = undefined;
    this.memory.empty();
    await this.load();
    this.timeline.empty();
  }

  private all(): void {
    this.view.light(undefined);
    this.view.frameAll();
  }

  private switchTheme(): void {
    this.theme = this.theme === "light" ? "dark" : "light";
    document.documentElement.dataset.theme = this.theme;
    localStorage.setItem("theme", this.theme);
    this.view.setTheme(this.theme);
  }

  private keys(): void {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
    const moves = Object.entries(steps).flatMap(([key, [across, down]]) => [
      [key, () => this.step(across, down)] as const,
      [`Shift+${key}`, () => this.view.move(across, down)] as const,
    ]);
    listenToKeys(this.stage, {
      find: () => this.finder.begin(),
      leave: () => this.select(undefined),
      graph: {
        ...Object.fromEntries(moves),
        Enter: () => this.select(this.view.hovered ?? this.view.selected),
        x: () => this.view.hovered && void this.expand(this.view.hovered),
        "+": () => this.view.zoom(0.7),
        "-": () => this.view.zoom(1.4),
        "0": () => this.all(),
      },
    });
  }

  /** Goes on to the next node in a direction; where there is none in view, moves the picture. */
  private step(across: number, down: number): void {
    const id = this.view.step(across, down);
    if (id === undefined) {
      this.view.move(across, down);
      say("Nothing further in view; the picture moved.");
      return;
    }
    const node = this.view.node(id);
    say(`${node.label}. ${node.kind === "memory" ? `${node.type} memory` : node.kind}, ${count(this.view.graph.degree(id), "link")}.`);
  }
}

/** Resolves once the browser has drawn what was put on the page. */
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

function theme(): Theme {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

void start();
