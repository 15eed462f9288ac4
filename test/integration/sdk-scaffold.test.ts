import { appendFile, chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkConformance, sessionSuite } from "@berth/conformance";
import type { PluginView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { newPlugin } from "../../tools/scaffold/new-plugin.ts";
import { scaffoldContracts } from "../../tools/scaffold/scaffold.ts";
import { seen, TestNode, wanted } from "../support/pluginhost/test-host.ts";
import { noPython } from "../support/python-stand-in.ts";

const root = join(import.meta.dirname, "../..");

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-new-"));
  await mkdir(join(home, "node_modules/@berth"), { recursive: true });
  await symlink(join(root, "sdk"), join(home, "node_modules/@berth/sdk"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe.each(scaffoldContracts)("a new %s plugin", (contract) => {
  it("keeps every promise of a managed plugin as it comes", async () => {
    const folder = join(home, "fresh");
    await newPlugin({ id: "fresh", contract, folder, sdk: "0.1.0" });
    const options = { command: `node ${folder}/main.ts` };
    expect((await checkConformance(sessionSuite, "", { options })).problems).toEqual([]);
  });

  it("has a test that passes, and fails when the plugin does not start", async () => {
    const folder = join(home, "fresh");
    await newPlugin({ id: "fresh", contract, folder, sdk: "0.1.0" });
    const run = () => execa(process.execPath, ["--test"], { cwd: folder, reject: false, all: true });
    expect(await run()).toMatchObject({ exitCode: 0, all: expect.stringContaining("pass 1") });
    await appendFile(join(folder, "plugin.ts"), 'throw new Error("broken");\n');
    expect((await run()).exitCode).toBe(1);
  });
});

it("a new cri plugin is taken into service by a host, which asks it for its sandboxes", async () => {
  const folder = join(home, "fresh");
  await newPlugin({ id: "fresh", contract: "cri", folder, sdk: "0.1.0" });
  await chmod(home, 0o755);
  const node = new TestNode();
  const host = node.start();
  try {
    host.setDesired({ plugins: [wanted("fresh", folder, { contract: "cri", grants: [] })] });
    const says = ({ reason }: PluginView): boolean => reason.includes("fresh has no sandbox verbs yet");
    // Its own Status says so, as a kubelet reads it; and then the node is not ready either.
    expect(await seen(host, "fresh", says)).toMatchObject({ state: "degraded", incarnation: 1, restarts: 0 });
    expect(host.runtimes.handler("")).toMatchObject({ unready: expect.stringContaining("RuntimeReady") });
  } finally {
    await host.end("teardown");
    node.remove();
  }
});

describe.skipIf(noPython)(`a new plugin in Python (${noPython ?? "grpcio is there"})`, () => {
  it.each(scaffoldContracts)(
    "of contract %s starts under the host and answers its probe",
    async (contract) => {
      const folder = join(home, "fresh");
      await newPlugin({ id: "fresh", contract, lang: "python", folder, sdk: "" });
      await chmod(home, 0o755);
      const node = new TestNode();
      const host = node.start();
      try {
        host.setDesired({ plugins: [wanted("fresh", folder, { contract, grants: [] })] });
        // A runtime without sandbox verbs says so instead of being ready.
        const said = ({ state, reason }: PluginView): boolean =>
          contract === "cri" ? reason.includes("fresh has no sandbox verbs yet") : state === "ready";
        expect(await seen(host, "fresh", said)).toMatchObject({ incarnation: 1, restarts: 0 });
      } finally {
        await host.end("teardown");
        node.remove();
      }
    },
  );

  it("has a test that passes, and fails when the plugin does not start", async () => {
    const folder = join(home, "fresh");
    await newPlugin({ id: "fresh", contract: "csi", lang: "python", folder, sdk: "" });
    const run = () =>
      execa("/usr/bin/python3", ["-B", "-m", "unittest"], { cwd: folder, reject: false, all: true });
    expect(await run()).toMatchObject({ exitCode: 0, all: expect.stringContaining("Ran 1 test") });
    await writeFile(join(folder, "verbs.py"), 'raise SystemExit("broken")\n');
    expect((await run()).exitCode).toBe(1);
  });
});

it("a folder that is there is not written over", async () => {
  await mkdir(join(home, "taken"));
  const plugin = { id: "x", contract: "csi", folder: join(home, "taken"), sdk: "0.1.0" } as const;
  await expect(newPlugin(plugin)).rejects.toThrow("is there already");
});

it("the command says how it is used when it is asked, or asked wrongly", async () => {
  const run = (...options: string[]) =>
    execa(process.execPath, [join(root, "tools/scaffold/main.ts"), ...options], { reject: false, all: true });
  const usage = "npm run new-plugin -- --contract device --id demo";
  expect(await run("--help")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(usage) });
  expect(await run("--contrct", "csi")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(usage),
  });
  expect((await run("--id")).stderr).not.toContain("    at ");
});
