import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test } from "vitest";
import { detectCgroups } from "@berth/linux";

const root = join(import.meta.dirname, "../..");
const support = join(root, "test/support/docs");

afterEach(() => {
  // Mounts, links and processes went with the machine; control groups are this one's.
  const groups = detectCgroups()?.group("berth/docs");
  groups?.killAll();
  groups?.remove();
});

/** What the pages that are given tell their reader to type, on a machine of its own; with what came of it. */
async function follow(...pages: string[]): Promise<{ exitCode: number | undefined; text: string }> {
  const command = [process.execPath, join(support, "main.ts"), ...pages];
  const { exitCode, all } = await execa(join(support, "own-machine.sh"), command, {
    cwd: root,
    all: true,
    reject: false,
    timeout: 290_000,
    // unshare waits through every other signal, and takes what it has started with it when it is killed.
    killSignal: "SIGKILL",
    stdin: "ignore",
  });
  return { exitCode, text: all };
}

test("a newcomer makes, breaks, debugs, records, upgrades and drains a plugin by what docs/plugin-author.md says", async () => {
  const { exitCode, text } = await follow(
    join(support, "a-core-that-runs.md"),
    join(root, "docs/plugin-author.md"),
  );
  expect(exitCode, text).toBe(0);
  expect(text).toContain("Error: broken on purpose");
  expect(text).toContain("did you mean resource?");
  expect(text).toContain("0 different");
  expect(text).toContain("plugin demo: upgraded from 0.1.0 to 0.2.0");
});

test("an operator installs, reads, switches sets, admits users, imports images and backs up by what docs/operator.md says", async () => {
  const { exitCode, text } = await follow(join(root, "docs/operator.md"));
  expect(exitCode, text).toBe(0);
  expect(text).toContain("set sandboxed: revision 2 is in force");
  expect(text).toContain("at most 5 replicas, not 6");
  expect(text).toContain("is whole");
});
