// The answers to a question: ranked, with the parts of their score, and how the graph led to them.
import { fill, h } from "./dom";
import { standingOf } from "./standing";
import { count, short, when } from "./text";
import type { Answers, GraphPath, ShownMemory } from "./types";

const PARTS = ["vector", "text", "graph", "importance", "recency", "validity", "order"];

/** Nodes that a question lights up: results, where their paths start, and the entities between. */
export function pathNodes(answers: Answers): { nodes: Set<string>; seeds: Set<string> } {
  const nodes = new Set<string>();
  const seeds = new Set<string>();
  for (const item of answers.results) {
    nodes.add(`memory:${item.memory_id}`);
    for (const path of item.explanation?.paths.slice(0, 3) ?? []) addPath(path, nodes, seeds);
  }
  return { nodes, seeds };
}

/** Nodes on the paths that led to one answer. */
export function pathNodesOf(item: ShownMemory): Set<string> {
  const nodes = new Set([`memory:${item.memory_id}`]);
  for (const path of item.explanation?.paths ?? []) addPath(path, nodes, new Set());
  return nodes;
}

function addPath(path: GraphPath, nodes: Set<string>, seeds: Set<string>): void {
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
  handlers: { open: (id: string) => void; light: (item: ShownMemory | undefined) => void },
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
  item: ShownMemory,
  label: (id: string) => string | undefined,
  handlers: { open: (id: string) => void; light: (item: ShownMemory | undefined) => void },
): HTMLElement {
  const parts = Object.entries(item.explanation?.parts ?? {}).filter(([, value]) => value > 0);
  const scores = parts.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", ");
  const paths = item.explanation?.paths.slice(0, 2) ?? [];
  const standing = standingOf(item, Date.now() / 1000);
  const behind = item.supersedes ? `in the place of ${count(item.supersedes, "older one")}` : undefined;
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
      h("span", { class: standing === undefined ? "said" : "said over" }, item.passages.length ? `… ${short(item.passages[0]!.text, 260)}` : short(item.content, 260)),
      h("span", { class: "about" }, [item.metadata.speaker, when(item.timestamp), standing, behind].filter((part) => typeof part === "string").join(" · ")),
    ),
    parts.length ? stack(parts, scores) : null,
    h("p", { class: "why" }, sourcesOf(item)),
    ...paths.map((path) => h("p", { class: "path" }, describePath(path, label))),
  );
}

/** The parts of a score as one bar, whose full width is 1. */
function stack(parts: [string, number][], scores: string): HTMLElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "stack");
  svg.setAttribute("viewBox", "0 0 100 4");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Score: ${scores}`);
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
  const frame = h("div", { class: "stack-line", title: scores });
  frame.append(svg);
  return frame;
}

export function sourcesOf(item: ShownMemory): string {
  const explanation = item.explanation;
  if (!explanation) return "";
  const reasons: string[] = [];
  if (explanation.sources.includes("vector") && explanation.similarity !== null) reasons.push(`meaning (cosine ${explanation.similarity.toFixed(2)})`);
  if (explanation.sources.includes("text")) reasons.push(`words (BM25 ${explanation.text_score.toFixed(1)})`);
  if (explanation.sources.includes("graph")) reasons.push("the graph");
  return reasons.length ? `Found by ${reasons.join(", ")}` : "";
}

export function describePath(path: GraphPath, label: (id: string) => string | undefined): string {
  const start = path.seed_id ? `“${short(label(`memory:${path.seed_id}`) ?? "another memory", 60)}”` : "the question";
  const steps = path.depth > 1 ? ` (${path.depth} steps)` : "";
  return path.entity_key ? `${start} → ${path.via} → this${steps}` : `${start} → said next to it → this${steps}`;
}
