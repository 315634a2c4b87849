// Builds the page into the Python package; everything it needs comes from there.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    outDir: "../coda_graphmem/inspector/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
  },
});
