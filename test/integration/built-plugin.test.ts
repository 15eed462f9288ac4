import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PluginView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { digestFolder } from "../../core/pluginhost/package/package-digest.ts";
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

  async function started(): Promise<{ view: PluginView; log: string }> {
    const host = node.start();
    try {
      host.setDesired({ plugins: [wanted("notes", folder)] });
      const view = await seen(host, "notes", isReady);
      let log = "";
      for await (const part of host.tools.logs("notes", {}, new AbortController().signal)) log += part;
      return { view, log };
    } finally {
      await host.end("teardown");
    }
  }

  it("holds what V8 made of it, for the Node that built it", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", isKept], { cwd: folder });
    expect(stdout).toBe("true");
  });

  it("starts without changing a byte of its package", async () => {
    const before = await digestFolder(folder);
    const { view, log } = await started();
    expect(view.facts).not.toHaveProperty("code-cache");
    expect(log).not.toContain("program.cache");
    expect(await digestFolder(folder)).toBe(before);
  });

  it("compiles itself where another Node's cache is of no use", async () => {
    writeFileSync(join(folder, "program.cache"), Buffer.alloc(4096));
    const { view } = await started();
    expect(view).toMatchObject({ state: "ready", facts: { words: "takes notes" } });
  });

  it("says once, in its log and as a fact, that V8 did not take the cache, and what to do", async () => {
    await buildPlugin(join(standIns, "cni-notes"), folder);
    const path = join(folder, "plugin.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { entry: string[] };
    // V8 takes code only under the flags that it was made under.
    manifest.entry.splice(1, 0, "--no-lazy");
    writeFileSync(path, JSON.stringify(manifest));
    const { view, log } = await started();
    const note = `program.cache is for another Node than ${process.version}, or for other flags of V8`;
    expect(view.facts["code-cache"]).toContain(note);
    expect(view.facts["code-cache"]).toContain("build the package again");
    expect(log.split(note)).toHaveLength(2);
  });
});
