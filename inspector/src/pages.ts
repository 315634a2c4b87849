// Loads more of a large memory as it comes into view: what hangs on what one looks at closely, and older memories
// where one looks beyond the outermost ones.
import type { Api } from "./api";
import type { GraphView } from "./graph";
import { attempt } from "./notices";
import type { DrawnGraph } from "./types";

/** Memories in view up to which one is said to look closely at them. */
const CLOSE = 40;

export class Pages {
  /** Older memories that no page brought yet. */
  left = 0;
  /** Memories there are. */
  total = 0;
  private next = 0;
  private crowded = false;
  private busy = false;
  /** Whether the picture came to rest while something was being brought, and is to be looked at again. */
  private missed = false;
  private asked = new Set<string>();

  constructor(
    private readonly api: Api,
    private readonly view: GraphView,
    private readonly size: number,
    private readonly changed: () => void,
  ) {}

  /** Begins anew with the first page. */
  reset(first: DrawnGraph): void {
    this.next = this.size;
    this.left = first.left_out;
    this.updateTotal();
    this.crowded = first.sparse ?? false;
    this.asked.clear();
  }

  /** Memories came or, of those that pages brought, went away, so that older ones moved up. */
  adjust(came: number, gone: number): void {
    this.next = Math.max(0, this.next - gone);
    this.total += came - gone;
  }

  /** Loads what the picture shows room or interest for. */
  async loadVisible(archived: boolean): Promise<void> {
    this.missed = this.busy;
    if (this.busy) return;
    do {
      this.missed = false;
      while (this.left > 0 && this.view.camera.isAtEdge()) {
        if (!(await this.loadOlder(archived))) return;
      }
      if (this.left > 0 || this.crowded) await this.loadNeighbours();
    } while (this.missed);
  }

  /** Loads a page of older memories; whether it could. */
  async loadOlder(archived: boolean): Promise<boolean> {
    if (this.busy || !this.left) return false;
    this.busy = true;
    try {
      const page = await attempt(this.api.graph(this.size, archived, this.next));
      if (!page) return false;
      this.next += this.size;
      this.left = page.left_out;
      this.view.merge(page, [], true);
      this.updateTotal();
      this.changed();
      return true;
    } finally {
      this.busy = false;
    }
  }

  private async loadNeighbours(): Promise<void> {
    const spots = this.view.nodesInView().filter(({ id }) => id.startsWith("memory:"));
    if (!spots.length || spots.length > CLOSE || this.busy) return;
    const ids = spots.map(({ id }) => id).filter((id) => !this.asked.has(id) && !this.view.node(id).archived);
    if (!ids.length) return;
    this.busy = true;
    try {
      for (const id of ids) this.asked.add(id);
      const part = await attempt(this.api.neighbours(ids.map((id) => id.slice(7))));
      if (part) {
        this.view.merge(part);
        this.changed();
      }
    } finally {
      this.busy = false;
    }
  }

  private updateTotal(): void {
    const here = this.view.graph.filterNodes((id) => id.startsWith("memory:")).length;
    this.total = this.left ? this.next + this.left : here;
  }
}
