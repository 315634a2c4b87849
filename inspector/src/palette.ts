// Colours of the graph: the Okabe–Ito palette, told apart with any colour vision, in a light and a dark shade.

export type Theme = "light" | "dark";

export const TYPES: Record<string, [string, string]> = {
  episodic: ["#2f7fb8", "#6bb4e8"],
  semantic: ["#0f9373", "#3fcfa6"],
  preference: ["#c4602b", "#f0915c"],
  procedural: ["#8a5a9e", "#c79bdb"],
  emotional: ["#b5407a", "#ec8ab6"],
  contextual: ["#6b6f76", "#a3a8b0"],
};

const COMMUNITIES: [string, string][] = [
  ["#2f7fb8", "#6bb4e8"],
  ["#0f9373", "#3fcfa6"],
  ["#c4602b", "#f0915c"],
  ["#8a5a9e", "#c79bdb"],
  ["#b5407a", "#ec8ab6"],
  ["#97801a", "#dcc451"],
  ["#4d5fc4", "#97a5f2"],
  ["#4f7f31", "#98c978"],
];

export const SHADES = {
  light: { paper: "#fbfbfa", ink: "#1d1f23", line: "#ccd0d6", lit: "#d1495b", entity: "#b8960c", talk: "#9aa0a8", faint: "#e9eaec" },
  dark: { paper: "#14161a", ink: "#e8eaed", line: "#3a4049", lit: "#ff8fa0", entity: "#e6c34a", talk: "#767d87", faint: "#23262c" },
};

export const ofType = (type: string | undefined, theme: Theme): string =>
  (TYPES[type ?? "contextual"] ?? TYPES.contextual!)[theme === "light" ? 0 : 1];

export const ofCommunity = (number: number, theme: Theme): string =>
  COMMUNITIES[number % COMMUNITIES.length]![theme === "light" ? 0 : 1];

const mixed = new Map<string, string>();

/** A colour between two, both as #rrggbb; 0 gives the first, 1 the second. */
export function mix(first: string, second: string, share: number): string {
  // Thousands of nodes ask for few colours.
  const steps = Math.round(share * 64);
  const key = `${first}${second}${steps}`;
  let result = mixed.get(key);
  if (result === undefined) {
    result = "#";
    for (let i = 1; i < 7; i += 2) {
      const from = parseInt(first.slice(i, i + 2), 16);
      const to = parseInt(second.slice(i, i + 2), 16);
      result += Math.round(from + (to - from) * (steps / 64))
        .toString(16)
        .padStart(2, "0");
    }
    mixed.set(key, result);
  }
  return result;
}
