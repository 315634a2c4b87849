// What is said to whoever looks: lines that go away, and words for screen readers.
import { h } from "./dom";

let lines: HTMLElement | undefined;

/** A line that says what was done or went wrong; read aloud by screen readers. */
export function toast(message: string, action?: { label: string; run: () => void }): () => void {
  lines ??= document.body.appendChild(h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  // What is said again stands once.
  for (const other of lines.children) if (other.firstElementChild?.textContent === message) other.remove();
  const line = h("div", { class: "toast" }, h("span", {}, message));
  const close = () => line.remove();
  if (action) {
    line.append(
      h("button", { type: "button", onclick: () => (close(), action.run()) }, action.label),
    );
  }
  line.append(h("button", { type: "button", "aria-label": "Dismiss", class: "quiet", onclick: close }, "×"));
  lines.append(line);
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
  let close: (() => void) | undefined;
  const timer = setTimeout(() => (close = toast("No answer yet; waiting goes on.")), PATIENCE);
  try {
    return await work;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    return undefined;
  } finally {
    clearTimeout(timer);
    close?.();
  }
}
