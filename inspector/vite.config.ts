// Builds the page into the Python package; everything it needs comes from there. Also says how it is tested.
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative, as it is served under a path of its own beside other things, too.
  base: "./",
  build: {
    outDir: "../coda_graphmem/inspector/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
  },
  // No test leaves anything behind, so that one worker does for all.
  test: { include: ["tests/**/*.test.ts"], pool: "threads", isolate: false },
});
