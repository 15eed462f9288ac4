import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plugin } from "../../core/api/index.ts";
import { eventually } from "../support/cri-node.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
let core: UserCore;

beforeAll(async () => {
  core = await UserCore.prepare("clidev");
  await core.start("--ephemeral");
});
afterAll(() => core[Symbol.asyncDispose]());

test("dev runs a folder, starts a new process when a file is saved, prints calls, and Ctrl-C takes all away", async () => {
  const folder = join(core.folder, "hello");
  cpSync(join(root, "examples/plugins/hello"), folder, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(core.folder, "node_modules"));
  const child = spawn(process.execPath, [core.program, "plugin", "dev", folder], {
    env: { ...process.env, KUBECONFIG: core.kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const exit = once(child, "exit");
  const says = (words: string): Promise<string> =>
    eventually(
      () => text,
      (now) => now.includes(words),
      60_000,
    );
  try {
    await says("ready, incarnation 1");
    const source = join(folder, "plugin.ts");
    writeFileSync(source, readFileSync(source, "utf8").replaceAll("parts.get(Config).version", '"9.8.7"'));
    await says("plugin.ts has changed: reloading");
    await says("ready, incarnation 2");
    const call = await core.berth("plugin", "call", "hello", "Version", "-o", "json");
    expect(JSON.parse(call.text)).toMatchObject({ response: { cni_version: "9.8.7" } });
    await says("NetworkPlugin/Version");
    child.kill("SIGINT");
    expect((await exit)[0]).toBe(0);
    expect(text).toContain("plugin hello is taken away");
    expect((await core.kubectl("get", "plugin", "hello")).text).toContain("NotFound");
  } finally {
    child.kill("SIGKILL");
  }
});

test("dev of a plugin that is there leaves it as it was: specification, labels and annotations", async () => {
  const folder = join(core.folder, "again");
  cpSync(join(root, "examples/plugins/hello"), folder, { recursive: true });
  const { text } = await core.berth("plugin", "pin", folder, "--dev");
  await core.apply(JSON.parse(text) as object);
  await core.kubectl("label", "plugin", "hello", "team=a");
  await core.kubectl("annotate", "plugin", "hello", "note=kept");
  await core.shows(["ready"], "get", "plugininstance", "hello.clidev");
  const own = async (): Promise<unknown> => {
    const plugin = JSON.parse((await core.kubectl("get", "plugin", "hello", "-o", "json")).text) as Plugin;
    const { labels, annotations } = plugin.metadata;
    return { labels, annotations, spec: plugin.spec };
  };
  const before = await own();
  expect(before).toMatchObject({ labels: { team: "a" }, annotations: { note: "kept" } });
  const child = spawn(process.execPath, [core.program, "plugin", "dev", folder], {
    env: { ...process.env, KUBECONFIG: core.kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => said.push(part));
  const exit = once(child, "exit");
  try {
    await eventually(
      () => said.join(""),
      (now) => now.includes("ready, incarnation 2"),
      60_000,
    );
    expect(await own()).not.toEqual(before);
    child.kill("SIGINT");
    expect((await exit)[0]).toBe(0);
    expect(said.join("")).toContain("plugin hello is as it was before");
    expect(await own()).toEqual(before);
  } finally {
    child.kill("SIGKILL");
  }
});
