import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { planFaults } from "../chaos/schedule.ts";

const root = join(import.meta.dirname, "../..");

test("the same seed inflicts the same faults, another seed others, and every kind comes within a minute", () => {
  const faults = planFaults(7, 60_000);
  expect(planFaults(7, 60_000)).toEqual(faults);
  expect(planFaults(8, 60_000)).not.toEqual(faults);
  expect(new Set(faults.map(({ kind }) => kind)).size).toBe(11);
});

test(
  "whatever happens to core and plugins, no pod is lost or restarted and nothing is left on the machine",
  { timeout: 600_000 },
  async () => {
    expect(existsSync(join(root, "dist/cli/berth.js")), "npm run build was run").toBe(true);
    const { stdout, stderr, exitCode } = await execa(
      process.execPath,
      [join(root, "test/chaos/main.ts"), "--minutes", "2", "--seed", "7"],
      { reject: false },
    );
    expect(stdout, stderr).toMatch(/^chaos: \d+ faults, 0 lost, 0 leaked$/);
    expect(exitCode).toBe(0);
  },
);
