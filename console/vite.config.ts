import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.HOOKSWITCH_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/hookswitch/console",
    emptyOutDir: true,
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": server, "/phone/ws": { target: server, ws: true }, "/m": server } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
