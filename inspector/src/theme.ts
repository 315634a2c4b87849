// Light or dark: what was chosen on this page, else what the system prefers.
import type { Theme } from "./palette";

export function preferredTheme(): Theme {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** Applies a theme and keeps it for the next time. */
export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  localStorage.setItem("theme", theme);
}
