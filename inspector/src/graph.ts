// The graph: holds nodes and edges, and says which of them are shown, lit and chosen.
import Graph from "graphology";
import louvain from "graphology-communities-louvain";
import { bidirectional } from "graphology-shortest-path/unweighted";
import Sigma from "sigma";
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import { type Colouring, edgeAppearance, MANY_EDGES, nodeAppearance, type Scene } from "./appearance";
import { Camera } from "./camera";
import { enableDrag } from "./drag";
import { Labels } from "./labels";
import { bounds, placeBeside, placeOutside } from "./layout";
import { nextNode, type Spot } from "./navigation";
import type { Theme } from "./palette";
import { shaders } from "./shaders";
import type { DrawnGraph, DrawnNode } from "./types";
import { type Filter, hiddenNodes, isOver, strengthAt } from "./visibility";

/** Milliseconds without a move after which the picture stands still. */
const STILL = 140;

/** Milliseconds for which what happened just now is lit. */
const FRESH = 6000;

/** Nodes up to which all of them are looked at anew where the pointer moves from one to another. */
const ALL_ANEW = 1500;

interface Handlers {
  select: (id: string | undefined) => void;
  expand: (id: string) => void;
  /** The picture stands still after it moved. */
  settled: () => void;
}

export class GraphView {
  readonly graph = new Graph({ multi: true, type: "directed" });
  readonly camera: Camera;
  private readonly sigma: Sigma;
  /** Nodes that filters or the time that is shown leave out. */
  filteredOut = 0;
  private readonly scene: Scene;
  private readonly motion = { moving: false, large: false };
  private readonly labels: Labels;
  private filter: Filter | undefined;
  private asOf: number | undefined;
  private exponent = 0.5;
  private drawing: number | undefined;
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
      over: (node) => isOver(node, this.asOf ?? Date.now() / 1000),
      strength: (node) => this.strengthOf(node),
    };
    this.labels = new Labels(container, () => this.scene.theme);
    const programs = shaders(this.motion);
    this.sigma = new Sigma(this.graph, container, {
      allowInvalidContainer: true,
      defaultNodeType: "node",
      defaultEdgeType: "line",
      nodeProgramClasses: { node: programs.node },
      edgeProgramClasses: { line: programs.line, hair: programs.hair },
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
      nodeReducer: (id, data) => nodeAppearance(this.scene, id, data as DrawnNode & NodeDisplayData),
      edgeReducer: (id, data) => edgeAppearance(this.scene, id, data as EdgeDisplayData & { kind: string }),
      defaultDrawNodeHover: (context, data, settings) => this.labels.drawHover(context, data, settings),
      defaultDrawNodeLabel: (context, data, settings) => this.labels.draw(context, data, settings),
    });
    this.camera = new Camera(this.sigma, this.graph);
    this.sigma.on("beforeRender", () => this.labels.clear());
    this.sigma.on("afterRender", () => container.classList.toggle("ringed", this.labels.ringed));
    this.sigma.on("clickNode", ({ node }) => handlers.select(node));
    this.sigma.on("doubleClickNode", (event) => {
      event.preventSigmaDefault();
      handlers.expand(event.node);
    });
    this.sigma.on("clickStage", () => handlers.select(undefined));
    this.sigma.on("enterNode", ({ node }) => this.hover(node));
    this.sigma.on("leaveNode", () => this.hover(undefined));
    this.sigma.getCamera().on("updated", () => this.moved());
    this.sigma.getMouseCaptor().on("mouseup", () => this.moved());
    enableDrag(this.sigma, this.graph, (id) => this.publishPosition(id));
  }

  get selected(): string | undefined {
    return this.scene.selected;
  }

  /** The node the pointer or the keys stand on. */
  get hovered(): string | undefined {
    return this.scene.hovered;
  }

  /** Puts a whole graph, as it is now, in the place of what was shown. */
  load(drawing: DrawnGraph, filter: Filter): void {
    this.filter = filter;
    this.asOf = undefined;
    this.graph.clear();
    Object.assign(this.scene, { communities: {}, lit: undefined, hovered: undefined, selected: undefined });
    this.scene.seeds.clear();
    this.sigma.setCustomBBox(null);
    this.merge(drawing);
    // What joins later shall not move what is there.
    const pad = this.graph.order > 1 ? 0 : 1;
    const [left, right] = bounds(this.graph.mapNodes((_, node) => node.x as number));
    const [bottom, top] = bounds(this.graph.mapNodes((_, node) => node.y as number));
    if (this.graph.order) this.sigma.setCustomBBox({ x: [left - pad, right + pad], y: [bottom - pad, top + pad] });
    this.camera.reset();
  }

  /**
   * Adds what is new of a part. New nodes without a place stand beside those they hang on or, of a page of older
   * memories, around all that is there.
   */
  merge(drawing: DrawnGraph, fresh: string[] = [], outside = false): void {
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
    this.highlight(fresh.map((id) => `memory:${id}`));
    this.motion.large = this.graph.size > MANY_EDGES;
    this.sigma.setSetting("hideLabelsOnMove", this.motion.large);
    if (this.scene.colouring === "community") this.findCommunities();
    this.applyFilter();
  }

  /** Lights nodes for a while: something happened to them. */
  highlight(ids: string[]): void {
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

  private strengthOf(node: DrawnNode): number {
    return strengthAt(node, this.asOf ?? Date.now() / 1000, this.exponent);
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
  nodesInView(): Spot[] {
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

  /** Steps to the node that lies next in a direction, or near the middle at first; undefined where there is none. */
  step(across: number, down: number): string | undefined {
    const { width, height } = this.sigma.getDimensions();
    const from = this.hovered ?? this.selected;
    const here = from !== undefined && this.isShown(from) ? this.sigma.graphToViewport(this.node(from) as { x: number; y: number }) : undefined;
    const spots = this.nodesInView();
    let next: string | undefined;
    if (here) next = nextNode(spots, here, across, down);
    else {
      const far = (spot: Spot) => Math.hypot(spot.x - width / 2, spot.y - height / 2);
      next = spots.reduce<Spot | undefined>((best, spot) => (!best || far(spot) < far(best) ? spot : best), undefined)?.id;
    }
    if (next !== undefined) {
      this.hover(next);
      this.publishPosition(next);
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
      const nodes = [before, id].filter((node): node is string => node !== undefined && this.graph.hasNode(node));
      this.sigma.refresh({ partialGraph: { nodes }, skipIndexation: true, schedule: true });
    }
  }

  /** Writes where a node is in the picture, in pixels, to the element. */
  private publishPosition(id: string): void {
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
      if (this.hovered !== undefined) this.publishPosition(this.hovered);
      this.handlers.settled();
    }, STILL);
  }

  private applyFilter(): void {
    const { hidden, lone } = hiddenNodes(this.graph, this.filter, this.asOf, (node) => this.strengthOf(node));
    this.scene.hidden = hidden;
    this.filteredOut = hidden.size - lone;
    this.refresh();
  }
}
