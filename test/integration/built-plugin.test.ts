import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PluginView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { digestTree } from "../../core/pluginhost/package/lay-package.ts";
import { buildPlugin } from "../../tools/build/plugins.ts";
import { isReady, seen, standIns, TestNode, wanted } from "../support/pluginhost/test-host.ts";

const isKept = `
  const { readFileSync } = require("node:fs");
  const { Script } = require("node:vm");
  const source = readFileSync("program.js", "latin1");
  const script = new Script(source, { filename: "program.js", cachedData: readFileSync("program.cache") });
  process.stdout.write(String(!script.cachedDataRejected));
`;

describe("a plugin as it is shipped", () => {
  const root = mkdtempSync(join(tmpdir(), "berth-built-"));
  const folder = join(root, "notes");
  const node = new TestNode();

  beforeAll(() => buildPlugin(join(standIns, "cni-notes"), folder));
  afterAll(() => {
    node.remove();
    rmSync(root, { recursive: true });
  });

  async function started(): Promise<PluginView> {
    const host = node.start();
    try {
      host.setDesired({ plugins: [wanted("notes", folder)] });
      return await seen(host, "notes", isReady);
    } finally {
      await host.end("teardown");
    }
  }

  it("holds what V8 made of it, for the Node that built it", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", isKept], { cwd: folder });
    expect(stdout).toBe("true");
  });

  it("starts without changing a byte of its package", async () => {
    const before = await digestTree(folder);
    await started();
    expect(await digestTree(folder)).toBe(before);
  });

  it("compiles itself where another Node's cache is of no use", async () => {
    writeFileSync(join(folder, "program.cache"), Buffer.alloc(4096));
    expect(await started()).toMatchObject({ state: "ready", facts: { words: "takes notes" } });
  });
});
