// Makes elements. Text only ever becomes text nodes, so nothing a memory says can become markup.

type Child = Node | string | null | undefined | false;
type Values = Record<string, unknown>;

export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  values: Values = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value as EventListener);
    else if (key === "class") element.className = String(value);
    else if (key === "value") (element as unknown as { value: string }).value = String(value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export const when = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined ? "never" : MOMENT.format(new Date(seconds * 1000));

export const day = (seconds: number): string => DAY.format(new Date(seconds * 1000));

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString()} ${number === 1 ? one : many}`;

export const short = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

let place: HTMLElement | undefined;

/** A line that says what was done or went wrong; read aloud by screen readers. */
export function toast(message: string, action?: { label: string; run: () => void }): () => void {
  place ??= document.body.appendChild(h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  // What is said again stands once.
  for (const other of place.children) if (other.firstElementChild?.textContent === message) other.remove();
  const line = h("div", { class: "toast" }, h("span", {}, message));
  const close = () => line.remove();
  if (action) {
    line.append(
      h("button", { type: "button", onclick: () => (close(), action.run()) }, action.label),
    );
  }
  line.append(h("button", { type: "button", "aria-label": "Dismiss", class: "quiet", onclick: close }, "×"));
  place.append(line);
  setTimeout(close, action ? 20000 : 8000);
  return close;
}

/** Milliseconds after which it is said that an answer takes long: a store that is locked is waited for. */
const PATIENCE = 5000;

/** Two, so that news does not cut short the answer to what somebody just did. */
const voices = new Map<"answer" | "news", HTMLElement>();

/** Tells those who do not see the page what changed. */
export function say(text: string, as: "answer" | "news" = "answer"): void {
  let voice = voices.get(as);
  if (!voice) {
    voice = document.body.appendChild(h("div", { class: `hidden voice ${as}`, role: "status", "aria-live": "polite" }));
    voices.set(as, voice);
  }
  voice.textContent = text;
}

/** Runs something, and says where it takes long and what went wrong. */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  let close = () => {};
  const timer = setTimeout(() => (close = toast("No answer yet; waiting goes on.")), PATIENCE);
  try {
    return await work;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    return undefined;
  } finally {
    clearTimeout(timer);
    close();
  }
}
