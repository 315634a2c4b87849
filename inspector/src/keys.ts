// What can be done by keys alone.
interface Actions {
  find: () => void;
  leave: () => void;
  /** Keys of the graph; they count while it has the focus. */
  graph: Record<string, () => void>;
}

export function listenToKeys(stage: HTMLElement, actions: Actions): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") actions.leave();
    // Nothing is typed into boxes and sliders.
    if ((event.target as Element).matches("input:not([type=checkbox], [type=range]), textarea, select")) return;
    if (event.key === "/") {
      event.preventDefault();
      actions.find();
    } else if (event.key === "?") {
      event.preventDefault();
      document.querySelector<HTMLElement>("#question")!.focus();
    }
  });
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actions.graph[event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
