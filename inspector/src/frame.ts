// Where the parts of the page stand: header, filters, graph, details.
import { fill, h } from "./dom";
import type { State } from "./types";

interface Parts {
  state: State;
  dot: HTMLElement;
  left: HTMLElement;
  stage: HTMLElement;
  empty: HTMLElement;
  footer: HTMLElement[];
  right: HTMLElement[];
}

interface Handlers {
  ask: (question: string) => void;
  namespace: (name: string) => void;
  theme: () => void;
  zoom: (factor: number) => void;
  all: () => void;
}

export function fillFrame(root: Element, parts: Parts, handlers: Handlers): void {
  const { state } = parts;
  const question = h("input", { id: "question", type: "search", placeholder: "Ask the memory a question", autocomplete: "off", maxlength: 2000 });
  const namespace: HTMLSelectElement = h(
    "select",
    { id: "namespace", onchange: () => handlers.namespace(namespace.value) },
    ...state.namespaces.map((name) => h("option", { value: name, selected: name === state.namespace }, name)),
  );
  fill(
    root,
    h(
      "header",
      {},
      h("h1", {}, "Memory", parts.dot),
      h(
        "form",
        {
          role: "search",
          class: "ask",
          onsubmit: (event: Event) => {
            event.preventDefault();
            handlers.ask(question.value.trim());
          },
        },
        h("label", { for: "question", class: "hidden" }, "Question"),
        question,
        h("button", { type: "submit", class: "primary" }, "Ask"),
      ),
      state.read_only && h("span", { class: "badge" }, "read only"),
      h("label", { for: "namespace", class: "hidden" }, "Namespace"),
      namespace,
      h("button", { type: "button", id: "theme", class: "quiet", "aria-label": "Switch between light and dark", onclick: handlers.theme }, "◐"),
    ),
    h("aside", { class: "left", "aria-label": "Find and filter" }, parts.left),
    h(
      "main",
      {},
      parts.stage,
      parts.empty,
      h(
        "div",
        { class: "controls", role: "group", "aria-label": "Zoom" },
        h("button", { type: "button", "aria-label": "Zoom in", onclick: () => handlers.zoom(0.7) }, "+"),
        h("button", { type: "button", "aria-label": "Zoom out", onclick: () => handlers.zoom(1.4) }, "−"),
        h("button", { type: "button", "aria-label": "Show all", onclick: handlers.all }, "⤢"),
      ),
      h("footer", {}, ...parts.footer),
    ),
    h("aside", { class: "right", "aria-label": "Details" }, ...parts.right),
  );
}

/** What stands in the place of a graph of which no memory meets the conditions. */
export function nothingMet(clear: () => void): HTMLElement[] {
  return [
    h("h2", {}, "No memory meets the conditions"),
    h("p", {}, "There are others, which they leave out."),
    h("button", { type: "button", onclick: clear }, "Clear the conditions"),
  ];
}

/** What stands in the place of a graph without nodes. */
export function nothingStored(state: State): (HTMLElement | null)[] {
  const others = state.namespaces.filter((name) => name !== state.namespace);
  return [
    h("h2", {}, `Nothing is remembered in “${state.namespace}” yet`),
    h("p", {}, "Store something, and it appears here:"),
    h("pre", {}, 'coda-graphmem add "Nora rows on Sundays"\ncoda-graphmem import conversation.jsonl'),
    others.length ? h("p", {}, `Or choose another namespace at the top: ${others.slice(0, 5).join(", ")}.`) : null,
  ];
}
