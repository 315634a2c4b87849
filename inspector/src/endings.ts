// When memories end, and how tags and ends are written in a form.
import { h } from "./dom";
import { count, when } from "./text";
import { duration } from "./timeline";
import type { ShownMemory } from "./types";

/** How long a memory still is, at a time (seconds, UTC); undefined where it stays. */
export function endingOf(memory: ShownMemory, now: number): string | undefined {
  if (memory.expires_at === null) return undefined;
  return memory.expires_at <= now ? "ended" : `ends in ${length(memory.expires_at - now)}`;
}

/** What is said of the end of a memory among its fields. */
export function endRows(memory: ShownMemory, now: number): [string, string][] {
  const ending = endingOf(memory, now);
  return [
    ["Lifetime", memory.lifetime === "short_term" ? "short-term" : "long-term"],
    ["End", ending === undefined ? "never" : `${when(memory.expires_at)} (${ending})`],
    ...(memory.expires_at !== null && memory.refresh_seconds !== null ? [["Recalled", `it has another ${length(memory.refresh_seconds)}`] as [string, string]] : []),
  ];
}

const length = (seconds: number): string => (seconds < 3600 ? count(Math.max(1, Math.round(seconds / 60)), "minute") : duration(seconds));

/** The fields of a form for the tags and the end of a memory. */
export class EndingFields {
  private readonly tags: HTMLTextAreaElement;
  private readonly end: HTMLInputElement;
  readonly elements: HTMLElement[];
  private readonly given: { tags: string; end: string };

  constructor(private readonly memory: ShownMemory) {
    this.given = { tags: memory.tags.join("\n"), end: memory.expires_at === null ? "" : localTime(memory.expires_at) };
    this.tags = h("textarea", { id: "edit-tags", rows: Math.min(6, memory.tags.length + 2), value: this.given.tags });
    this.end = h("input", { id: "edit-end", type: "datetime-local", step: 1, value: this.given.end, "aria-describedby": "edit-end-hint" });
    const refreshed = memory.refresh_seconds === null ? "" : ` Each recall gives it another ${length(memory.refresh_seconds)}.`;
    this.elements = [
      h("label", { for: "edit-tags" }, "Tags, one on each line"),
      this.tags,
      h("label", { for: "edit-end" }, "End"),
      this.end,
      h("p", { class: "hint", id: "edit-end-hint" }, `From then on it is found no more. Left empty, it stays.${refreshed}`),
    ];
  }

  /** Whether a time was begun and not finished, which a browser tells from none. */
  get unfinished(): boolean {
    return this.end.validity.badInput;
  }

  /** What was changed, as the server takes it. */
  get changes(): { tags?: string[]; expires_at?: number | "never" } {
    const tags = this.tags.value.split("\n").map((tag) => tag.trim()).filter(Boolean);
    return {
      ...(tags.join("\n") === this.given.tags ? {} : { tags }),
      ...(this.end.value === this.given.end ? {} : { expires_at: this.end.value ? new Date(this.end.value).getTime() / 1000 : ("never" as const) }),
    };
  }

  /** How it was before. */
  get before(): { tags: string[]; expires_at: number | "never" } {
    return { tags: this.memory.tags, expires_at: this.memory.expires_at ?? "never" };
  }
}

/** A time as a field for times has it: of this place, to the second. */
export function localTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const date = [String(at.getFullYear()).padStart(4, "0"), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${date}T${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}
