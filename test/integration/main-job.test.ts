import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { freePorts } from "../support/free-ports.ts";

const root = join(import.meta.dirname, "../..");
const program = join(root, "dist/cli/berth.js");

test("the main job passes on real parts and leaves nothing behind", { timeout: 300_000 }, async () => {
  expect(existsSync(program), `${program} is there; \`npm run build\` makes it`).toBe(true);
  const folder = await mkdtemp(join(tmpdir(), "mainjob-"));
  const [port, kubeletPort] = await freePorts(2);
  try {
    const result = await execa(
      process.execPath,
      [
        ...[program, "up", "--exit-when-ready", "--node-name", "mainjob"],
        ...["--data-dir", join(folder, "data"), "--run-dir", join(folder, "run")],
        ...[
          "--kubelet-root",
          join(folder, "kubelet"),
          "--port",
          String(port),
          "--kubelet-port",
          String(kubeletPort),
        ],
      ],
      { all: true, reject: false, timeout: 280_000, killSignal: "SIGTERM" },
    );
    const said = result.all;
    expect(said).toContain("main job: 8 passed, 0 failed");
    expect(said).toContain("nothing is left");
    expect(result.exitCode, said).toBe(0);
    expect(existsSync(join(folder, "data")), "the data directory that it made is gone").toBe(false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
