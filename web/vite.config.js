import { defineConfig } from "vite";

// esbuild's own JSX transform is enough; no plug-in is needed.
export default defineConfig({
  base: "/",
  esbuild: { jsx: "automatic" },
  build: {
    target: "es2021",
    outDir: process.env.GANTRY_WEB_OUT || "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: { manualChunks: { react: ["react", "react-dom", "react-dom/client"] } },
    },
  },
  server: { proxy: { "/api": process.env.GANTRY_API ?? "http://127.0.0.1:8299" } },
});
