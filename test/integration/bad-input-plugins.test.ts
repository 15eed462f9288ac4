import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestFolder } from "../../core/pluginhost/package/package-digest.ts";
import { compareSnapshots, mentioning, type Snapshot } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { UserCore } from "../support/user-core.ts";

const notes = join(import.meta.dirname, "../support/plugins/cni-notes");
let core: UserCore;
let before: Snapshot;

beforeAll(async () => {
  core = await UserCore.prepare("badplug");
  before = takeSnapshot();
  await core.start("--ephemeral");
});

afterAll(() => core[Symbol.asyncDispose]());

const newItems = () => compareSnapshots(before, takeSnapshot(), mentioning(core.folder, "badplug")).added;

/** A copy of a plugin that works, with its manifest changed. */
function packageWith(name: string, change: (manifest: Record<string, unknown>) => void): string {
  const folder = join(core.folder, "packages", name);
  mkdirSync(folder, { recursive: true });
  cpSync(notes, folder, { recursive: true });
  const file = join(folder, "plugin.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
  return folder;
}

const plugin = (name: string, path: string, more: object) => ({
  apiVersion: "berth.dev/v1alpha1",
  kind: "Plugin",
  metadata: { name },
  spec: { contract: "cni", source: { path }, grants: ["events"], ...more },
});

/** Resolves once all places where an operator looks say these words; answers what the refusal left on the machine. */
async function leftAfterRefusal(name: string, ...words: string[]): Promise<string[]> {
  await core.shows([...words, "PluginRefused", "refused"], "describe", "plugininstance", `${name}.badplug`);
  await core.shows([...words, "PluginRefused", "Refused"], "describe", "plugin", name);
  await core.shows(["0/1", "Refused"], "get", "plugin", name);
  const copies = join(core.dataDirectory, "node/badplug/packages");
  const packages = existsSync(copies) ? readdirSync(copies) : [];
  // The host listens for a plugin as long as somebody wants it.
  const items = newItems().filter(({ text }) => text.includes("badplug/p/") && !text.endsWith("/hello.sock"));
  return [...packages, ...items.map(({ text }) => text)];
}

test("a manifest with a key nobody knows is refused naming the nearest one", async () => {
  const path = packageWith("misspelt", (manifest) => (manifest["lifetme"] = "adoptable"));
  await core.apply(plugin("misspelt", path, { dev: true }));
  const left = await leftAfterRefusal(
    "misspelt",
    `${path}/plugin.json: lifetme is not a known key; did you mean lifetime? Correct plugin.json`,
  );
  expect(left).toEqual([]);
});

test("a package with another digest is refused naming both, and the Plugin object keeps what was written", async () => {
  const path = packageWith("altered", (manifest) => (manifest["version"] = "9.9.9"));
  const digest = await digestFolder(notes);
  await core.apply(plugin("altered", path, { digest }));
  const left = await leftAfterRefusal(
    "altered",
    `spec.digest is ${digest}, but the package at ${path} has ${await digestFolder(path)}`,
  );
  expect(left).toEqual([]);
  const { text } = await core.kubectl("get", "plugin", "altered", "-o", "jsonpath={.spec.digest}");
  expect(text).toBe(digest);
});

test("a package of another version than the Plugin names is refused naming both", async () => {
  await core.apply(plugin("older", notes, { dev: true, version: "0.2.0" }));
  const left = await leftAfterRefusal("older", "spec.version is 0.2.0, but the package", "cni-notes 0.1.0");
  expect(left).toEqual([]);
});

test("a package that is not there is refused naming the folder", async () => {
  const path = join(core.folder, "packages/nowhere");
  await core.apply(plugin("nowhere", path, { dev: true }));
  const left = await leftAfterRefusal("nowhere", path);
  expect(left).toEqual([]);
});

test("a name too long for the labels of its instances is refused by the server with the number", async () => {
  const object = plugin("n".repeat(64), notes, { dev: true });
  await expect(core.apply(object)).rejects.toThrow("a plugin's name has at most 63 characters");
});

test("a misspelt field of a Plugin is refused by the server, and no object is made", async () => {
  const object = plugin("never", notes, { digset: "x" });
  await expect(core.apply(object)).rejects.toThrow('unknown field "spec.digset" (did you mean "digest"?)');
  expect((await core.kubectl("get", "plugin", "never")).text).toContain("not found");
});

test("a plugin that was refused serves as soon as its package is right, without a restart of anything", async () => {
  const pid = core.pid;
  const path = packageWith("mended", (manifest) => (manifest["lifetme"] = "adoptable"));
  await core.apply(plugin("mended", path, { dev: true }));
  await core.shows(["did you mean lifetime?"], "describe", "plugininstance", "mended.badplug");
  await core.apply(plugin("mended", notes, { dev: true }));
  await core.shows(["ready"], "get", "plugininstance", "mended.badplug");
  expect(core.pid).toBe(pid);
});

test("plugins that are deleted leave nothing, refused or not, and neither does their node", async () => {
  await core.kubectl("delete", "plugins", "--all", "--wait");
  const ofPlugins = () => newItems().filter(({ text }) => text.includes("badplug/p/"));
  await expect.poll(ofPlugins, { timeout: 60_000 }).toEqual([]);
  expect(await core.stop()).toBe(0);
  expect(newItems()).toEqual([]);
});
