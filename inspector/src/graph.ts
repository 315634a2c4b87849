// The graph: draws nodes and edges, and says which of them are shown, lit and selected.
import Graph from "graphology";
import louvain from "graphology-communities-louvain";
import { bidirectional } from "graphology-shortest-path/unweighted";
import Sigma from "sigma";
import { EdgeLineProgram, EdgeRectangleProgram } from "sigma/rendering";
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import { mix, ofCommunity, ofType, SHADES, type Theme } from "./palette";
import type { Drawing, DrawnNode } from "./types";
import { short } from "./dom";

/** Edges from which on they are drawn as hairlines and left out while the picture moves. */
const MANY_EDGES = 4000;

/** Edges from which on only those of what is chosen or lit are drawn: the others would be a grey disc. */
const TOO_MANY_EDGES = 15000;

const STRONG = new Set(["SIMILAR_TO", "POSSIBLY_OUTDATED_BY", "CONSOLIDATED_INTO"]);

export interface Filter {
  types: Set<string>;
  minImportance: number;
  since: number | undefined;
  until: number | undefined;
  kinds: Set<string>;
}

export type Colouring = "type" | "community";

export class GraphView {
  readonly graph = new Graph({ multi: true, type: "directed" });
  readonly sigma: Sigma;
  theme: Theme;
  colouring: Colouring = "type";
  selected: string | undefined;
  private hovered: string | undefined;
  private lit: { nodes: Set<string>; edges: Set<string> } | undefined;
  private seeds = new Set<string>();
  private fresh = new Map<string, number>();
  private hidden = new Set<string>();
  private strength: Record<string, number> | undefined;
  private communities: Record<string, number> = {};
  private filter: Filter | undefined;
  /** Where labels stand in the picture that is being drawn. */
  private boxes: { left: number; right: number; top: number; bottom: number }[] = [];

  constructor(
    private readonly container: HTMLElement,
    theme: Theme,
    handlers: { select: (id: string | undefined) => void; expand: (id: string) => void },
  ) {
    this.theme = theme;
    this.sigma = new Sigma(this.graph, container, {
      allowInvalidContainer: true,
      defaultEdgeType: "line",
      edgeProgramClasses: { line: EdgeRectangleProgram, hair: EdgeLineProgram },
      labelFont: "system-ui, sans-serif",
      labelSize: 12,
      labelWeight: "500",
      labelDensity: 0.6,
      labelGridCellSize: 130,
      labelRenderedSizeThreshold: 7,
      minCameraRatio: 0.01,
      maxCameraRatio: 4,
      stagePadding: 60,
      zIndex: true,
      nodeReducer: (id, data) => this.nodeLook(id, data as DrawnNode & NodeDisplayData),
      edgeReducer: (id, data) => this.edgeLook(id, data as EdgeDisplayData & { kind: string }),
      defaultDrawNodeHover: (context, data, settings) => this.drawHover(context, data, settings),
      defaultDrawNodeLabel: (context, data, settings) => this.drawLabel(context, data, settings),
    });
    this.sigma.on("beforeRender", () => (this.boxes = []));
    this.sigma.on("clickNode", ({ node }) => handlers.select(node));
    this.sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
      preventSigmaDefault();
      handlers.expand(node);
    });
    this.sigma.on("clickStage", () => handlers.select(undefined));
    this.sigma.on("enterNode", ({ node }) => this.hover(node));
    this.sigma.on("leaveNode", () => this.hover(undefined));
    this.letDrag();
  }

  /** Puts a whole graph in the place of what was shown. */
  load(drawing: Drawing): void {
    this.graph.clear();
    this.communities = {};
    this.hidden.clear();
    this.lit = undefined;
    this.seeds.clear();
    this.merge(drawing);
    void this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  /** Adds what is new of a part; new nodes without a place stand beside those they hang on. */
  merge(drawing: Drawing, fresh: string[] = []): void {
    const added: DrawnNode[] = [];
    for (const node of drawing.nodes) {
      if (this.graph.hasNode(node.id)) this.graph.mergeNodeAttributes(node.id, { ...node, x: this.of(node.id, "x"), y: this.of(node.id, "y") });
      else {
        this.graph.addNode(node.id, { ...node, x: node.x ?? NaN, y: node.y ?? NaN, size: 3 });
        if (node.x === undefined) added.push(node);
      }
    }
    for (const [from, to, kind] of drawing.edges) {
      const source = drawing.nodes[from]!.id;
      const target = drawing.nodes[to]!.id;
      const key = `${source} ${kind} ${target}`;
      if (!this.graph.hasEdge(key)) this.graph.addEdgeWithKey(key, source, target, { kind, size: 1 });
    }
    for (const node of added) this.placeBeside(node.id);
    for (const id of fresh) this.fresh.set(`memory:${id}`, Date.now() + 6000);
    if (fresh.length) setTimeout(() => this.refresh(), 6100);
    const many = this.graph.size > MANY_EDGES;
    this.sigma.setSetting("defaultEdgeType", many ? "hair" : "line");
    this.sigma.setSetting("hideEdgesOnMove", many);
    this.sigma.setSetting("hideLabelsOnMove", many);
    this.applyFilter();
  }

  remove(ids: string[]): void {
    for (const id of ids) if (this.graph.hasNode(`memory:${id}`)) this.graph.dropNode(`memory:${id}`);
    // Nothing mentions them any more.
    for (const id of this.graph.filterNodes((node) => !node.startsWith("memory:") && !this.graph.degree(node))) {
      this.graph.dropNode(id);
    }
    this.refresh();
  }

  setFilter(filter: Filter): void {
    this.filter = filter;
    this.applyFilter();
  }

  setStrength(strength: Record<string, number> | undefined): void {
    this.strength = strength;
    this.applyFilter();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.refresh();
  }

  colourBy(colouring: Colouring): void {
    this.colouring = colouring;
    if (colouring === "community" && this.graph.order) this.communities = louvain(this.graph, { rng: () => 0.5 });
    this.refresh();
  }

  select(id: string | undefined): void {
    this.selected = id;
    this.refresh();
  }

  /** Lights up nodes and the edges between them; undefined lights all alike. */
  light(nodes: Set<string> | undefined, seeds: Set<string> = new Set()): void {
    this.seeds = seeds;
    if (!nodes) this.lit = undefined;
    else {
      const edges = new Set<string>();
      this.graph.forEachEdge((edge, _, source, target) => {
        if (nodes.has(source) && nodes.has(target)) edges.add(edge);
      });
      this.lit = { nodes, edges };
    }
    this.container.dataset.lit = String(nodes ? this.lit!.nodes.size : 0);
    this.container.dataset.walked = String(this.lit?.edges.size ?? 0);
    this.refresh();
  }

  shownCount(): number {
    return this.graph.order - this.hidden.size;
  }

  /** The shortest way between two nodes, or undefined where there is none. */
  path(from: string, to: string): string[] | undefined {
    return bidirectional(this.graph, from, to) ?? undefined;
  }

  /** Moves the picture so that nodes are in view. */
  frame(ids: Iterable<string>): void {
    const places = [...ids].flatMap((id) => {
      const data = this.sigma.getNodeDisplayData(id);
      return data ? [data] : [];
    });
    if (!places.length) return;
    const xs = places.map((p) => p.x);
    const ys = places.map((p) => p.y);
    const wide = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    const x = (Math.max(...xs) + Math.min(...xs)) / 2;
    const y = (Math.max(...ys) + Math.min(...ys)) / 2;
    const state = { x, y, ratio: Math.min(1.1, Math.max(0.12, wide * 1.25)) };
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.sigma.getCamera().setState(state);
    else void this.sigma.getCamera().animate(state, { duration: 350 });
  }

  move(across: number, down: number): void {
    const camera = this.sigma.getCamera();
    const state = camera.getState();
    camera.setState({ x: state.x + across * 0.1 * state.ratio, y: state.y + down * 0.1 * state.ratio });
  }

  zoom(factor: number): void {
    const camera = this.sigma.getCamera();
    camera.setState({ ratio: Math.min(4, Math.max(0.01, camera.getState().ratio * factor)) });
  }

  refresh(): void {
    this.sigma.refresh();
  }

  private of(id: string, name: string): number {
    return this.graph.getNodeAttribute(id, name) as number;
  }

  private hover(id: string | undefined): void {
    this.hovered = id;
    this.refreshSoon();
  }

  private waiting = false;

  private refreshSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.graph.order < 3000) this.refresh();
      else this.sigma.scheduleRender();
    });
  }

  private placeBeside(id: string): void {
    const near = this.graph.neighbors(id).filter((other) => Number.isFinite(this.of(other, "x")));
    const extent = Math.sqrt(this.graph.order) + 1;
    const angle = (this.graph.order * 2.39996) % (2 * Math.PI);
    const reach = near.length ? extent * 0.12 + 1 : extent;
    const mean = (axis: string) =>
      near.length ? near.reduce((sum, other) => sum + this.of(other, axis), 0) / near.length : 0;
    this.graph.mergeNodeAttributes(id, {
      x: mean("x") + reach * Math.cos(angle),
      y: mean("y") + reach * Math.sin(angle),
    });
  }

  private applyFilter(): void {
    this.hidden.clear();
    const filter = this.filter;
    this.graph.forEachNode((id, data) => {
      const node = data as unknown as DrawnNode;
      if (node.kind === "memory") {
        const gone = this.strength !== undefined && !node.archived && !(id.slice(7) in this.strength);
        const out =
          filter &&
          (!filter.types.has(node.type ?? "") ||
            (node.importance ?? 0) < filter.minImportance ||
            (filter.since !== undefined && (node.time ?? 0) < filter.since) ||
            (filter.until !== undefined && (node.time ?? 0) >= filter.until));
        if (gone || out) this.hidden.add(id);
      }
    });
    this.graph.forEachNode((id, data) => {
      const node = data as unknown as DrawnNode;
      if (node.kind === "memory") return;
      const off = filter && !filter.kinds.has(node.kind);
      if (off || this.graph.everyNeighbor(id, (other) => this.hidden.has(other))) this.hidden.add(id);
    });
    this.refresh();
  }

  private isNear(id: string): boolean {
    const focus = this.hovered ?? this.selected;
    return focus !== undefined && this.graph.hasNode(focus) && (id === focus || this.graph.areNeighbors(id, focus));
  }

  private nodeLook(id: string, data: DrawnNode & NodeDisplayData): Partial<NodeDisplayData> {
    const shade = SHADES[this.theme];
    if (this.hidden.has(id)) return { ...data, type: "circle", hidden: true };
    const small = this.graph.order > 5000 ? 0.4 : this.graph.order > 2000 ? 0.55 : this.graph.order > 400 ? 0.75 : 1;
    const strength = this.strength?.[id.slice(7)] ?? (data.archived ? 0.15 : 1);
    const lit = this.lit?.nodes.has(id) ?? false;
    const dim = this.lit !== undefined && !lit && id !== this.selected && id !== this.hovered;
    let size: number;
    let color: string;
    if (data.kind === "memory") {
      size = 3 + 9 * (data.importance ?? 0.5) * (0.35 + 0.65 * strength);
      color = this.colouring === "type" ? ofType(data.type, this.theme) : ofCommunity(this.communities[id] ?? 0, this.theme);
      color = mix(color, shade.paper, 0.7 * (1 - strength));
    } else if (data.kind === "entity") {
      size = 4 + Math.min(9, 1.6 * Math.sqrt(data.mentions ?? 1));
      color = shade.entity;
    } else {
      size = 6;
      color = shade.talk;
    }
    size *= small;
    if (lit) size = Math.max(size * 1.25, 6);
    const until = this.fresh.get(id);
    const fresh = until !== undefined && until > Date.now();
    if (fresh || this.seeds.has(id)) size += 3;
    const focus = id === this.selected || id === this.hovered;
    const long = lit || focus || fresh ? 44 : 26;
    return {
      ...data,
      type: "circle",
      size,
      color: fresh || this.seeds.has(id) ? (fresh ? shade.lit : color) : dim ? mix(color, shade.paper, 0.84) : color,
      label: dim ? null : short(data.label ?? "", long),
      forceLabel: (lit && this.lit!.nodes.size <= 24) || fresh || id === this.selected,
      highlighted: id === this.selected || fresh,
      zIndex: lit || focus || fresh ? 3 : dim ? 0 : data.kind === "entity" ? 2 : 1,
    };
  }

  private edgeLook(id: string, data: EdgeDisplayData & { kind: string }): Partial<EdgeDisplayData> {
    const shade = SHADES[this.theme];
    const [source, target] = this.graph.extremities(id);
    if (this.hidden.has(source) || this.hidden.has(target)) return { ...data, hidden: true };
    if (this.lit) {
      if (this.lit.edges.has(id)) return { ...data, color: shade.lit, size: 2.4, zIndex: 2 };
      return { ...data, hidden: this.graph.size > TOO_MANY_EDGES, color: shade.faint, size: 0.5, zIndex: 0 };
    }
    const near = (this.hovered ?? this.selected) !== undefined && this.isNear(source) && this.isNear(target);
    const strong = STRONG.has(data.kind);
    if (!near && !strong && this.graph.size > TOO_MANY_EDGES) return { ...data, hidden: true };
    const color = near ? mix(shade.line, shade.ink, 0.5) : strong ? mix(shade.line, shade.lit, 0.6) : shade.line;
    return { ...data, color, size: near || strong ? 1.8 : 1, zIndex: near ? 1 : 0 };
  }

  private drawLabel(context: CanvasRenderingContext2D, data: { label: string | null; x: number; y: number; size: number }, settings: { labelSize: number; labelWeight: string; labelFont: string }): void {
    if (!data.label) return;
    const shade = SHADES[this.theme];
    context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
    const place = this.placeLabel(data, context.measureText(data.label).width, settings.labelSize);
    if (!place) return;
    context.lineWidth = 3.5;
    context.lineJoin = "round";
    context.strokeStyle = shade.paper;
    context.fillStyle = shade.ink;
    context.strokeText(data.label, place.x, place.y);
    context.fillText(data.label, place.x, place.y);
  }

  /** Where a label has room: right of its node, left, below or above; undefined where another stands everywhere. */
  private placeLabel(data: { x: number; y: number; size: number }, width: number, height: number): { x: number; y: number } | undefined {
    const gap = data.size + 4;
    const middle = data.y + height / 3;
    const places = [
      { x: data.x + gap, y: middle },
      { x: data.x - gap - width, y: middle },
      { x: data.x - width / 2, y: data.y + gap + height * 0.8 },
      { x: data.x - width / 2, y: data.y - gap },
    ];
    const wide = this.container.clientWidth;
    for (const place of places) {
      const box = { left: place.x, right: place.x + width, top: place.y - height, bottom: place.y + 3 };
      if (box.left < 2 || box.right > wide - 2) continue;
      const free = this.boxes.every(
        (other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
      );
      if (!free) continue;
      this.boxes.push(box);
      return place;
    }
    return undefined;
  }

  private drawHover(context: CanvasRenderingContext2D, data: { label: string | null; x: number; y: number; size: number }, settings: { labelSize: number; labelWeight: string; labelFont: string }): void {
    const shade = SHADES[this.theme];
    context.beginPath();
    context.arc(data.x, data.y, data.size + 3.5, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = shade.ink;
    context.stroke();
    this.drawLabel(context, data, settings);
  }

  private letDrag(): void {
    let dragged: string | undefined;
    this.sigma.on("downNode", ({ node }) => {
      dragged = node;
      if (!this.sigma.getCustomBBox()) this.sigma.setCustomBBox(this.sigma.getBBox());
    });
    this.sigma.on("moveBody", ({ event }) => {
      if (!dragged) return;
      const place = this.sigma.viewportToGraph(event);
      this.graph.mergeNodeAttributes(dragged, { x: place.x, y: place.y });
      event.preventSigmaDefault();
      event.original.preventDefault();
      event.original.stopPropagation();
    });
    const drop = () => {
      dragged = undefined;
      this.sigma.setCustomBBox(null);
    };
    this.sigma.on("upNode", drop);
    this.sigma.on("upStage", drop);
  }
}
