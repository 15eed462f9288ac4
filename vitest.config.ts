import { defineConfig } from "vitest/config";

const sources = ["core", "lib", "sdk", "conformance", "plugins", "proto", "tools"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: sources.map((room) => `${room}/**/*.test.ts`),
          exclude: ["**/node_modules/**", "**/dist/**"],
          // No module holds state, and no unit test does I/O: modules are loaded once for all files.
          isolate: false,
          // Nothing here waits, so that a slow machine is all that a limit could find.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/interop/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      // Downloads and builds client-go, which takes minutes: `npm run interop:client-go`.
      { test: { name: "interop-client-go", include: ["test/interop/go/*.test.ts"] } },
    ],
  },
});
