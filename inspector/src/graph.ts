// The graph: holds nodes and edges, and says which of them are shown, lit and chosen.
import Graph from "graphology";
import louvain from "graphology-communities-louvain";
import { bidirectional } from "graphology-shortest-path/unweighted";
import Sigma from "sigma";
import type { CameraState, EdgeDisplayData, NodeDisplayData } from "sigma/types";
import { letDrag } from "./drag";
import { Labels } from "./labels";
import { type Colouring, edgeLook, MANY_EDGES, nodeLook, type Scene } from "./appearance";
import { nextSpot, type Spot } from "./navigation";
import type { Theme } from "./palette";
import { extentOf, placeBeside, placeOutside, span } from "./layout";
import { programs } from "./shaders";
import type { Drawing, DrawnNode } from "./types";

/** Milliseconds without a move after which the picture stands still. */
const STILL = 140;

/** Milliseconds for which what happened just now is lit. */
const FRESH = 6000;

/** Nodes up to which all of them are looked at anew where the pointer moves from one to another. */
const ALL_ANEW = 1500;

export interface Filter {
  types: Set<string>;
  minImportance: number;
  minStrength: number;
  since: number | undefined;
  until: number | undefined;
  kinds: Set<string>;
}

interface Handlers {
  select: (id: string | undefined) => void;
  expand: (id: string) => void;
  /** The picture stands still after it moved. */
  settled: () => void;
}

export class GraphView {
  readonly graph = new Graph({ multi: true, type: "directed" });
  readonly sigma: Sigma;
  /** Nodes that filters or the time that is shown leave out. */
  filteredOut = 0;
  private readonly scene: Scene;
  private readonly motion = { moving: false, large: false };
  private readonly labels: Labels;
  private filter: Filter | undefined;
  private asOf: number | undefined;
  private exponent = 0.5;
  private drawing: number | undefined;
  /** Where the picture is on its way to. */
  private goal: Partial<CameraState> | undefined;
  private still: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly container: HTMLElement,
    theme: Theme,
    private readonly handlers: Handlers,
  ) {
    this.scene = {
      graph: this.graph,
      theme,
      colouring: "type",
      selected: undefined,
      hovered: undefined,
      lit: undefined,
      seeds: new Set(),
      fresh: new Map(),
      hidden: new Set(),
      communities: {},
      strength: (node) => this.strengthOf(node),
    };
    this.labels = new Labels(container, () => this.scene.theme);
    const { node, hair, line } = programs(this.motion);
    this.sigma = new Sigma(this.graph, container, {
      allowInvalidContainer: true,
      defaultNodeType: "node",
      defaultEdgeType: "line",
      nodeProgramClasses: { node },
      edgeProgramClasses: { line, hair },
      labelFont: "system-ui, sans-serif",
      labelSize: 12,
      labelWeight: "500",
      labelDensity: 1,
      labelGridCellSize: 130,
      labelRenderedSizeThreshold: 5.5,
      minCameraRatio: 0.005,
      maxCameraRatio: 30,
      stagePadding: 60,
      zIndex: true,
      nodeReducer: (id, data) => nodeLook(this.scene, id, data as DrawnNode & NodeDisplayData),
      edgeReducer: (id, data) => edgeLook(this.scene, id, data as EdgeDisplayData & { kind: string }),
      defaultDrawNodeHover: (context, data, settings) => this.labels.drawHover(context, data, settings),
      defaultDrawNodeLabel: (context, data, settings) => this.labels.draw(context, data, settings),
    });
    this.sigma.on("beforeRender", () => this.labels.clear());
    this.sigma.on("afterRender", () => container.classList.toggle("ringed", this.labels.ringed));
    this.sigma.on("clickNode", ({ node }) => handlers.select(node));
    this.sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
      preventSigmaDefault();
      handlers.expand(node);
    });
    this.sigma.on("clickStage", () => handlers.select(undefined));
    this.sigma.on("enterNode", ({ node }) => this.hover(node));
    this.sigma.on("leaveNode", () => this.hover(undefined));
    this.sigma.getCamera().on("updated", () => this.moved());
    this.sigma.getMouseCaptor().on("mouseup", () => this.moved());
    letDrag(this.sigma, this.graph, (id) => this.tellPlace(id));
  }

  get selected(): string | undefined {
    return this.scene.selected;
  }

  /** The node the pointer or the keys stand on. */
  get hovered(): string | undefined {
    return this.scene.hovered;
  }

  /** Puts a whole graph, as it is now, in the place of what was shown. */
  load(drawing: Drawing, filter: Filter): void {
    this.filter = filter;
    this.asOf = undefined;
    this.graph.clear();
    Object.assign(this.scene, { communities: {}, lit: undefined, hovered: undefined, selected: undefined });
    this.scene.hidden.clear();
    this.scene.seeds.clear();
    this.sigma.setCustomBBox(null);
    this.merge(drawing);
    // What joins later shall not move what is there.
    const pad = this.graph.order > 1 ? 0 : 1;
    const [left, right] = span(this.graph.mapNodes((_, node) => node.x as number));
    const [bottom, top] = span(this.graph.mapNodes((_, node) => node.y as number));
    if (this.graph.order) this.sigma.setCustomBBox({ x: [left - pad, right + pad], y: [bottom - pad, top + pad] });
    this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  /**
   * Adds what is new of a part. New nodes without a place stand beside those they hang on or, of a page of older
   * memories, around all that is there.
   */
  merge(drawing: Drawing, fresh: string[] = [], outside = false): void {
    this.exponent = drawing.exponent ?? this.exponent;
    const added: string[] = [];
    for (const { x, y, ...node } of drawing.nodes) {
      if (this.graph.hasNode(node.id)) {
        const lone = node.lone && (this.graph.getNodeAttribute(node.id, "lone") as boolean);
        this.graph.mergeNodeAttributes(node.id, { ...node, lone });
      } else {
        this.graph.addNode(node.id, { ...node, x: x ?? NaN, y: y ?? NaN, size: 3 });
        if (x === undefined) added.push(node.id);
      }
    }
    for (const [from, to, kind] of drawing.edges) {
      const source = drawing.nodes[from]!.id;
      const target = drawing.nodes[to]!.id;
      const key = `${source} ${kind} ${target}`;
      if (!this.graph.hasEdge(key)) this.graph.addEdgeWithKey(key, source, target, { kind, size: 1 });
    }
    if (outside) placeOutside(this.graph, added);
    else placeBeside(this.graph, added);
    this.enliven(fresh.map((id) => `memory:${id}`));
    this.motion.large = this.graph.size > MANY_EDGES;
    this.sigma.setSetting("hideLabelsOnMove", this.motion.large);
    if (this.scene.colouring === "community") this.findCommunities();
    this.applyFilter();
  }

  /** Lights nodes for a while: something happened to them. */
  enliven(ids: string[]): void {
    if (!ids.length) return;
    for (const id of ids) this.scene.fresh.set(id, Date.now() + FRESH);
    setTimeout(() => this.refresh(), FRESH + 100);
    this.refresh();
  }

  remove(ids: string[]): void {
    for (const id of ids) if (this.graph.hasNode(`memory:${id}`)) this.graph.dropNode(`memory:${id}`);
    // Nothing mentions them any more.
    for (const id of this.graph.filterNodes((node) => !node.startsWith("memory:") && !this.graph.degree(node))) {
      this.graph.dropNode(id);
    }
    for (const name of ["selected", "hovered"] as const) {
      if (this.scene[name] !== undefined && !this.graph.hasNode(this.scene[name])) this.scene[name] = undefined;
    }
    this.refresh();
  }

  setFilter(filter: Filter): void {
    this.filter = filter;
    this.applyFilter();
  }

  /** Shows how things are at a time (seconds, UTC); undefined for now. */
  setTime(asOf: number | undefined): void {
    this.asOf = asOf;
    this.applyFilter();
  }

  setTheme(theme: Theme): void {
    this.scene.theme = theme;
    this.refresh();
  }

  colourBy(colouring: Colouring): void {
    this.scene.colouring = colouring;
    if (colouring === "community" && this.graph.order) this.findCommunities();
    else delete this.container.dataset.communities;
    this.refresh();
  }

  select(id: string | undefined): void {
    this.scene.selected = id;
    this.refresh();
  }

  /** Lights up nodes and the edges between them; undefined lights all alike. Only those of a hub, where one is given. */
  light(nodes: Set<string> | undefined, seeds: Set<string> = new Set(), hub?: string): void {
    this.scene.seeds = seeds;
    if (!nodes) this.scene.lit = undefined;
    else {
      const edges = new Set<string>();
      for (const node of nodes) {
        if (!this.graph.hasNode(node)) continue;
        this.graph.forEachOutEdge(node, (edge, _, __, target) => {
          if (nodes.has(target) && (hub === undefined || node === hub || target === hub)) edges.add(edge);
        });
      }
      this.scene.lit = { nodes, edges };
    }
    this.container.dataset.lit = String(nodes?.size ?? 0);
    this.container.dataset.walked = String(this.scene.lit?.edges.size ?? 0);
    this.refresh();
  }

  /** How much of a memory's strength is left at the time that is shown. */
  strengthOf(node: DrawnNode): number {
    const days = Math.max(0, (this.asOf ?? Date.now() / 1000) - (node.since ?? 0)) / 86400;
    return (1 + ((node.loss ?? 0) * days) / this.exponent) ** -this.exponent;
  }

  node(id: string): DrawnNode {
    return this.graph.getNodeAttributes(id) as unknown as DrawnNode;
  }

  isShown(id: string): boolean {
    return this.graph.hasNode(id) && !this.scene.hidden.has(id);
  }


  /** The shortest way between two nodes, or undefined where there is none. */
  path(from: string, to: string): string[] | undefined {
    return bidirectional(this.graph, from, to) ?? undefined;
  }

  /** Nodes whose middle is in view and which are not filtered out. */
  inView(): Spot[] {
    const { width, height } = this.sigma.getDimensions();
    const near = new Set(this.scene.hovered !== undefined && this.graph.hasNode(this.scene.hovered) ? this.graph.neighbors(this.scene.hovered) : []);
    const spots: Spot[] = [];
    this.graph.forEachNode((id, data) => {
      if (this.scene.hidden.has(id)) return;
      const { x, y } = this.sigma.graphToViewport({ x: data.x as number, y: data.y as number });
      if (x >= 0 && y >= 0 && x <= width && y <= height) spots.push({ id, x, y, linked: near.has(id) });
    });
    return spots;
  }

  /** Whether one looks beyond the outermost nodes. */
  isAtEdge(): boolean {
    const { width, height } = this.sigma.getDimensions();
    const middle = this.sigma.viewportToGraph({ x: width / 2, y: height / 2 });
    const side = this.sigma.viewportToGraph({ x: width / 2 + Math.min(width, height) / 2, y: height / 2 });
    const around = Math.hypot(side.x - middle.x, side.y - middle.y);
    return Math.hypot(middle.x, middle.y) + around > 1.45 * extentOf(this.graph).reach;
  }

  /** Moves the picture so that nodes are in view. */
  frame(ids: Iterable<string>, widest = 1.1, margin = 1.25): void {
    const places = [...ids]
      .filter((id) => this.graph.hasNode(id))
      .map((id) => this.sigma.viewportToFramedGraph(this.sigma.graphToViewport(this.node(id) as { x: number; y: number })));
    if (!places.length) return;
    const [left, right] = span(places.map((p) => p.x));
    const [bottom, top] = span(places.map((p) => p.y));
    const state = { x: (left + right) / 2, y: (top + bottom) / 2, ratio: Math.min(widest, Math.max(0.12, Math.max(right - left, top - bottom) * margin)) };
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.sigma.getCamera().setState(state);
    else this.glide(state, 350);
  }

  /** Shows all that is loaded. */
  frameAll(): void {
    if (this.graph.order) this.frame(this.graph.nodes(), 30, 1.02);
  }

  move(across: number, down: number): void {
    this.steer(({ x, y, ratio }) => ({ x: x + across * 0.1 * ratio, y: y - down * 0.1 * ratio }));
  }

  zoom(factor: number): void {
    this.steer(({ ratio }) => ({ ratio: this.sigma.getCamera().getBoundedRatio(ratio * factor) }));
  }

  /** Changes the picture at once or, where it is on its way to another, where that way ends. */
  private steer(change: (state: CameraState) => Partial<CameraState>): void {
    const camera = this.sigma.getCamera();
    // The next picture of the way would undo what was set meanwhile.
    if (camera.isAnimated()) this.glide({ ...this.goal, ...change({ ...camera.getState(), ...this.goal }) }, 150);
    else camera.setState(change(camera.getState()));
  }

  private glide(goal: Partial<CameraState>, duration: number): void {
    this.goal = goal;
    void this.sigma
      .getCamera()
      .animate(goal, { duration })
      .then(() => {
        if (this.goal === goal) this.goal = undefined;
      });
  }

  /** Steps to the node that lies next in a direction, or near the middle at first; undefined where there is none. */
  step(across: number, down: number): string | undefined {
    const { width, height } = this.sigma.getDimensions();
    const from = this.hovered ?? this.selected;
    const here = from !== undefined && this.isShown(from) ? this.sigma.graphToViewport(this.node(from) as { x: number; y: number }) : undefined;
    const spots = this.inView();
    let next: string | undefined;
    if (here) next = nextSpot(spots, here, across, down);
    else {
      const far = (spot: Spot) => Math.hypot(spot.x - width / 2, spot.y - height / 2);
      next = spots.reduce<Spot | undefined>((best, spot) => (!best || far(spot) < far(best) ? spot : best), undefined)?.id;
    }
    if (next !== undefined) {
      this.hover(next);
      this.tellPlace(next);
    }
    return next;
  }

  /** Draws anew with the next picture, once for all that changed until then. */
  refresh(): void {
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = undefined;
      this.sigma.refresh();
    });
  }

  hover(id: string | undefined): void {
    const before = this.scene.hovered;
    this.scene.hovered = id;
    if (this.graph.order <= ALL_ANEW) this.refresh();
    else {
      const nodes = [before, id].filter((node) => node !== undefined && this.graph.hasNode(node)) as string[];
      this.sigma.refresh({ partialGraph: { nodes }, skipIndexation: true, schedule: true });
    }
  }

  /** Says where a node is in the picture, in pixels. */
  private tellPlace(id: string): void {
    const { x, y } = this.sigma.graphToViewport(this.node(id) as { x: number; y: number });
    this.container.dataset.at = `${Math.round(x)} ${Math.round(y)}`;
  }

  private findCommunities(): void {
    this.scene.communities = louvain(this.graph, { rng: () => 0.5 });
    this.container.dataset.communities = String(new Set(Object.values(this.scene.communities)).size);
  }

  private moved(): void {
    this.motion.moving = true;
    this.container.classList.toggle("fast", this.motion.large);
    clearTimeout(this.still);
    this.still = setTimeout(() => {
      this.motion.moving = false;
      this.container.classList.remove("fast");
      this.sigma.scheduleRender();
      if (this.hovered !== undefined) this.tellPlace(this.hovered);
      this.handlers.settled();
    }, STILL);
  }

  private applyFilter(): void {
    const { hidden } = this.scene;
    hidden.clear();
    let alone = 0;
    const filter = this.filter;
    const until = Math.min(filter?.until ?? Infinity, this.asOf === undefined ? Infinity : this.asOf + 1);
    this.graph.forEachNode((id, data) => {
      const node = data as unknown as DrawnNode;
      if (node.kind !== "memory") return;
      const out =
        (node.time ?? 0) >= until ||
        (filter &&
          (!filter.types.has(node.type ?? "") ||
            (node.importance ?? 0) < filter.minImportance ||
            (filter.since !== undefined && (node.time ?? 0) < filter.since) ||
            (filter.minStrength > 0 && this.strengthOf(node) < filter.minStrength)));
      if (out) hidden.add(id);
    });
    this.graph.forEachNode((id, data) => {
      const node = data as unknown as DrawnNode;
      if (node.kind === "memory") return;
      const off = filter && !filter.kinds.has(node.kind);
      const lone = node.lone && this.graph.degree(id) < 2;
      if (lone) alone += 1;
      if (off || lone || this.graph.everyNeighbor(id, (other) => hidden.has(other))) hidden.add(id);
    });
    this.filteredOut = hidden.size - alone;
    this.refresh();
  }
}
