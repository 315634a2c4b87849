// The answers to a question: ranked, with the parts of their score, and how the graph led to them.
import { count, fill, h, short, when } from "./dom";
import type { Answers, GraphPath, Memory } from "./types";

const PARTS = ["vector", "text", "graph", "importance", "recency", "order"];

/** Nodes that a question lights up: results, where their paths start, and the entities between. */
export function walk(answers: Answers): { nodes: Set<string>; seeds: Set<string> } {
  const nodes = new Set<string>();
  const seeds = new Set<string>();
  for (const item of answers.results) {
    nodes.add(`memory:${item.memory_id}`);
    for (const path of item.explanation?.paths.slice(0, 3) ?? []) add(path, nodes, seeds);
  }
  return { nodes, seeds };
}

/** Nodes of one answer's own walk. */
export function walkOf(item: Memory): Set<string> {
  const nodes = new Set([`memory:${item.memory_id}`]);
  for (const path of item.explanation?.paths ?? []) add(path, nodes, new Set());
  return nodes;
}

function add(path: GraphPath, nodes: Set<string>, seeds: Set<string>): void {
  if (path.seed_id) {
    nodes.add(`memory:${path.seed_id}`);
    seeds.add(`memory:${path.seed_id}`);
  }
  if (path.entity_key) nodes.add(`entity:${path.entity_key}`);
}

export function showAnswers(
  element: HTMLElement,
  question: string,
  answers: Answers,
  label: (id: string) => string | undefined,
  handlers: { open: (id: string) => void; light: (item: Memory | undefined) => void },
): void {
  if (!answers.results.length) {
    fill(element, h("h2", {}, `“${question}”`), h("p", { class: "hint" }, "Nothing was found. Ask with other words, or look whether the namespace is the right one."));
    return;
  }
  fill(
    element,
    h("h2", {}, `“${question}”`),
    h("p", { class: "hint" }, `${count(answers.results.length, "answer")}, lit up in the graph with the way that led to them.`),
    h("ol", { class: "answers" }, ...answers.results.map((item) => answer(item, label, handlers))),
    h("p", { class: "legend-parts" }, ...PARTS.map((part) => h("span", { class: `part-${part}` }, part))),
  );
}

function answer(
  item: Memory,
  label: (id: string) => string | undefined,
  handlers: { open: (id: string) => void; light: (item: Memory | undefined) => void },
): HTMLElement {
  const parts = Object.entries(item.explanation?.parts ?? {}).filter(([, value]) => value > 0);
  const told = parts.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", ");
  const paths = item.explanation?.paths.slice(0, 2) ?? [];
  return h(
    "li",
    { onmouseenter: () => handlers.light(item), onmouseleave: () => handlers.light(undefined) },
    h(
      "button",
      {
        type: "button",
        class: "answer",
        onclick: () => handlers.open(`memory:${item.memory_id}`),
        onfocus: () => handlers.light(item),
        onblur: () => handlers.light(undefined),
      },
      h("span", { class: "score" }, (item.relevance_score ?? 0).toFixed(2)),
      h("span", { class: "said" }, short(item.content, 260)),
      h("span", { class: "about" }, [item.metadata.speaker, when(item.timestamp)].filter((x) => typeof x === "string").join(" · ")),
    ),
    parts.length ? stack(parts, told) : null,
    h("p", { class: "why" }, why(item)),
    ...paths.map((path) => h("p", { class: "path" }, way(path, label))),
  );
}

/** The parts of a score as one bar, whose full width is 1. */
function stack(parts: [string, number][], told: string): HTMLElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "stack");
  svg.setAttribute("viewBox", "0 0 100 4");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Score: ${told}`);
  let x = 0;
  for (const [name, value] of parts) {
    const piece = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    piece.setAttribute("class", `part-${name}`);
    piece.setAttribute("x", String(x));
    piece.setAttribute("width", String(100 * value));
    piece.setAttribute("height", "4");
    svg.append(piece);
    x += 100 * value;
  }
  const frame = h("div", { class: "stack-line", title: told });
  frame.append(svg);
  return frame;
}

function why(item: Memory): string {
  const told = item.explanation;
  if (!told) return "";
  const reasons: string[] = [];
  if (told.sources.includes("vector") && told.similarity !== null) reasons.push(`meaning (cosine ${told.similarity.toFixed(2)})`);
  if (told.sources.includes("text")) reasons.push(`words (BM25 ${told.text_score.toFixed(1)})`);
  if (told.sources.includes("graph")) reasons.push("the graph");
  return reasons.length ? `Found by ${reasons.join(", ")}` : "";
}

function way(path: GraphPath, label: (id: string) => string | undefined): string {
  const start = path.seed_id ? `“${short(label(`memory:${path.seed_id}`) ?? "another memory", 60)}”` : "the question";
  const steps = path.depth > 1 ? ` (${path.depth} steps)` : "";
  return path.entity_key ? `${start} → ${path.via} → this${steps}` : `${start} → said next to it → this${steps}`;
}
