// The camera over the graph: what of it is in view, and how near.
import type Graph from "graphology";
import type Sigma from "sigma";
import type { CameraState } from "sigma/types";
import { bounds, extentOf } from "./layout";

/** The least part of the whole that is shown. */
const NEAREST = 0.12;

/** Where the camera has to stand for some places to be in view. */
export function framing(places: { x: number; y: number }[], widest: number, margin: number): { x: number; y: number; ratio: number } {
  const [left, right] = bounds(places.map((place) => place.x));
  const [bottom, top] = bounds(places.map((place) => place.y));
  const ratio = Math.min(widest, Math.max(NEAREST, Math.max(right - left, top - bottom) * margin));
  return { x: (left + right) / 2, y: (top + bottom) / 2, ratio };
}

export class Camera {
  /** Where the picture is on its way to. */
  private goal: Partial<CameraState> | undefined;

  constructor(
    private readonly sigma: Sigma,
    private readonly graph: Graph,
  ) {}

  /** Shows the first view, at once. */
  reset(): void {
    this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
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
      .map((id) => this.sigma.viewportToFramedGraph(this.sigma.graphToViewport(this.graph.getNodeAttributes(id) as { x: number; y: number })));
    if (!places.length) return;
    const state = framing(places, widest, margin);
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
}
