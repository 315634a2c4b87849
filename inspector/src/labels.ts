// Labels: each where it has room, with an edge of paper around it so that lines do not run through.
import { SHADES, type Theme } from "./palette";

interface Labelled {
  /** The node, where its label is to be drawn once. */
  key?: string;
  label: string | null;
  x: number;
  y: number;
  size: number;
}

interface Face {
  labelSize: number;
  labelWeight: string;
  labelFont: string;
}

export class Labels {
  /** Where labels stand in the picture that is being drawn. */
  private boxes: { left: number; right: number; top: number; bottom: number }[] = [];
  private readonly drawn = new Set<string>();
  /** Whether a node of the picture has a ring around it. */
  ringed = false;

  constructor(
    private readonly container: HTMLElement,
    private readonly theme: () => Theme,
  ) {}

  /** Begins a picture. */
  clear(): void {
    this.boxes = [];
    this.drawn.clear();
    this.ringed = false;
  }

  draw(context: CanvasRenderingContext2D, data: Labelled, face: Face): void {
    if (!data.label || this.drawn.has(data.key ?? "")) return;
    const shade = SHADES[this.theme()];
    context.font = `${face.labelWeight} ${face.labelSize}px ${face.labelFont}`;
    const place = this.place(data, context.measureText(data.label).width, face.labelSize);
    if (!place) return;
    if (data.key) this.drawn.add(data.key);
    context.lineWidth = 3.5;
    context.lineJoin = "round";
    context.strokeStyle = shade.paper;
    context.fillStyle = shade.ink;
    context.strokeText(data.label, place.x, place.y);
    context.fillText(data.label, place.x, place.y);
  }

  drawHover(context: CanvasRenderingContext2D, data: Labelled, face: Face): void {
    this.ringed = true;
    context.beginPath();
    context.arc(data.x, data.y, data.size + 3.5, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = SHADES[this.theme()].ink;
    context.stroke();
    this.draw(context, data, face);
  }

  /** Where a label has room: right of its node, left, below or above; undefined where another stands everywhere. */
  private place(data: Labelled, width: number, height: number): { x: number; y: number } | undefined {
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
}
