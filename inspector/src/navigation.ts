// Steps from node to node by the arrow keys.
export interface Spot {
  id: string;
  x: number;
  y: number;
  linked: boolean;
}

/** By how much nearer a node counts that is linked with the one one stands on. */
const LINKED = 0.5;

/** The next of some spots in a direction from a place, in pixels with y downwards; undefined where there is none. */
export function nextNode(spots: Iterable<Spot>, from: { x: number; y: number }, across: number, down: number): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const spot of spots) {
    const x = spot.x - from.x;
    const y = spot.y - from.y;
    const ahead = x * across + y * down;
    const aside = Math.abs(x * down - y * across);
    if (ahead <= 1 || aside > ahead) continue;
    const cost = (ahead + 2 * aside) * (spot.linked ? LINKED : 1);
    if (cost < least) [best, least] = [spot.id, cost];
  }
  return best;
}
