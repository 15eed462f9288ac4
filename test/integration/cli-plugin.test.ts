import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readStat } from "@berth/linux";
import { UserCore } from "../support/user-core.ts";

const packages = join(import.meta.dirname, "../support/plugins");
const notes = join(packages, "cni-notes");
let core: UserCore;
let failedIncarnation = 0;

beforeAll(async () => {
  core = await UserCore.prepare("cliplug");
  await core.start("--ephemeral");
  const { text } = await core.berth("plugin", "pin", notes, "--dev", "--name", "notes");
  await core.apply(JSON.parse(text) as object);
  await core.shows(["ready"], "get", "plugininstance", "notes.cliplug");
});
afterAll(() => core[Symbol.asyncDispose]());

const read = async (path: string): Promise<string> =>
  (await core.kubectl("get", "plugininstance", "notes.cliplug", "-o", `jsonpath={.status.${path}}`)).text;

const isProcessAlive = (pid: number): boolean => (readStat(pid)?.state ?? "Z") !== "Z";

const socket = async (): Promise<string> =>
  `unix://${join(core.folder, "r/cliplug/p/notes", `${await read("incarnation")}.sock`)}`;

test("ls is a table for people and JSON for programs, describe tells isolation and history", async () => {
  const { text } = await core.berth("plugin", "ls");
  expect(text).toMatch(/^NAME +CONTRACT +NODE +STATE/);
  expect(text).toMatch(/notes +cni +cliplug +ready,unverified +0\.1\.0/);
  const rows = JSON.parse((await core.berth("plugin", "ls", "-o", "json")).text) as object[];
  expect(rows).toMatchObject([{ name: "notes", state: "ready,unverified", restarts: 0, reason: "" }]);
  const described = (await core.berth("plugin", "describe", "notes")).text;
  for (const words of [
    "not pinned: dev",
    "fact      words: takes notes",
    "own-session",
    "NOT in force",
    "history",
  ])
    expect(described).toContain(words);
});

test("a verb is called as the node calls it, and what is misspelt is told by its nearest name", async () => {
  const answer = await core.berth("plugin", "call", "notes", "version", "-o", "json");
  expect(JSON.parse(answer.text)).toMatchObject({
    verb: "berth.cni.v1.NetworkPlugin/Version",
    response: { cni_version: "1.1.0" },
  });
  const verb = await core.berth("plugin", "call", "notes", "Stats");
  expect(verb).toMatchObject({ code: 1, text: expect.stringContaining("did you mean Status?") });
  const field = await core.berth("plugin", "call", "notes", "Status", '{"confg":{}}');
  expect(field.text).toContain("StatusRequest has no field confg; did you mean config?");
  const name = await core.berth("plugin", "call", "note", "Status");
  expect(name.text).toContain("did you mean notes?");
});

test("kubectl reaches the recorder too, and only with the right to the node's proxy", async () => {
  const path = "/api/v1/nodes/cliplug/proxy/plugins/notes/calls";
  const { text } = await core.kubectl("get", "--raw", path);
  expect(JSON.parse(text)).toMatchObject({ format: "berth.dev/calls.v1", plugin: "notes", contract: "cni" });
  const refused = await core.kubectl("get", "--raw", path, "--as", "somebody");
  expect(refused.text).toContain('"somebody" cannot get resource "nodes/proxy"');
});

test("a restart is a new process, and the one before has ended", async () => {
  const before = Number(await read("pid"));
  expect(await core.berth("plugin", "restart", "notes")).toMatchObject({ code: 0 });
  expect(Number(await read("pid"))).not.toBe(before);
  expect(isProcessAlive(before)).toBe(false);
  const again = await core.kubectl(
    "annotate",
    "plugin",
    "notes",
    "--overwrite",
    "berth.dev/restarted-at=now",
  );
  expect(again.code).toBe(0);
  await core.shows(["3"], "get", "plugininstance", "notes.cliplug", "-o", "jsonpath={.status.incarnation}");
});

test("an upgrade is done when the new version serves, and a rollback brings back what was said before", async () => {
  const upgraded = await core.berth("plugin", "upgrade", "notes", join(packages, "cni-notes-next"), "--dev");
  expect(upgraded).toMatchObject({ code: 0, text: expect.stringContaining("upgraded from 0.1.0 to 0.2.0") });
  expect(await read("version")).toBe("0.2.0");
  const back = await core.berth("plugin", "rollback", "notes");
  expect(back).toMatchObject({ code: 0, text: expect.stringContaining("rolled back to revision 1 (0.1.0)") });
  expect(await read("version")).toBe("0.1.0");
  const history = await core.kubectl(
    "get",
    "controllerrevisions",
    "-n",
    "kube-system",
    "-l",
    "berth.dev/plugin=notes",
  );
  expect(history.text.match(/plugin-notes-/g)).toHaveLength(2);
  const none = await core.berth("plugin", "rollback", "notes", "--to-revision", "99");
  expect(none).toMatchObject({ code: 1, text: expect.stringContaining("has no revision 99") });
});

test("an upgrade that fails ends with status 2 and the reason, and the former process serves on", async () => {
  const pid = await read("pid");
  failedIncarnation = Number(await read("incarnation")) + 1;
  const failed = await core.berth("plugin", "upgrade", "notes", join(packages, "raw-crash"));
  expect(failed.code).toBe(2);
  expect(failed.text).toContain("the former keeps serving");
  expect(await read("pid")).toBe(pid);
  expect((await core.berth("plugin", "rollback", "notes")).code).toBe(0);
});

test("drain takes it out of service and its process ends; --undo brings it back", async () => {
  const pid = Number(await read("pid"));
  expect(await core.berth("plugin", "drain", "notes")).toMatchObject({ code: 0 });
  expect(await read("state")).toBe("disabled");
  expect(isProcessAlive(pid)).toBe(false);
  const call = await core.berth("plugin", "call", "notes", "Version");
  expect(call).toMatchObject({ code: 1, text: expect.stringContaining("the plugin does not serve") });
  expect(await core.berth("plugin", "drain", "notes", "--undo")).toMatchObject({ code: 0 });
  expect(await read("state")).toBe("ready");
});

test("a recording replays the same on the same plugin, and differs where an answer differs", async () => {
  const file = join(core.folder, "calls.json");
  await core.berth("plugin", "call", "notes", "Version");
  expect((await core.berth("plugin", "record", "notes", "--to", file)).code).toBe(0);
  const args = ["plugin", "replay", file, "--only-reads", "--endpoint", await socket()];
  const same = await core.berth(...args);
  expect(same.text).toMatch(/[1-9]\d* same, 0 different/);
  expect(same.code).toBe(0);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"1.1.0"', '"9.9.9"'));
  const different = await core.berth(...args);
  expect(different.code).toBe(4);
  expect(different.text).toContain('- response.cni_version: "9.9.9"');
  expect(different.text).toContain('+ response.cni_version: "1.1.0"');
});

test("logs are read to the end, and those of an earlier process by its number", async () => {
  const { text } = await core.berth("plugin", "logs", "notes", "--tail", "1");
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(text).toContain('"plugin":"cni-notes"');
  const earlier = await core.berth("plugin", "logs", "notes", "--incarnation", String(failedIncarnation));
  expect(earlier.text).toContain("cannot find the frobnicator");
});

test("a configuration is checked against the manifest before anything is changed, and its changes are told", async () => {
  const config = join(core.folder, "config.yaml");
  writeFileSync(config, "prefx: 10.1.0\n");
  const pinned = await core.berth("plugin", "pin", notes, "--config", config);
  expect(pinned).toMatchObject({ code: 1, text: expect.stringContaining("prefx; did you mean prefix?") });
  writeFileSync(config, "prefix: 10.1.0\n");
  const { text } = await core.berth("plugin", "pin", notes, "--config", config);
  expect(JSON.parse(text)).toMatchObject({ spec: { config: { prefix: "10.1.0" } } });

  const renamed = join(core.folder, "renamed");
  cpSync(notes, renamed, { recursive: true });
  const manifest = join(renamed, "plugin.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"prefix"', '"prefixes"'));
  const set = '{"spec":{"config":{"prefix":"10.9.0"}}}';
  expect((await core.kubectl("patch", "plugin", "notes", "--type", "merge", "-p", set)).code).toBe(0);
  const generation = ["get", "plugin", "notes", "-o", "jsonpath={.metadata.generation}"];
  const before = await core.kubectl(...generation);
  const refused = await core.berth("plugin", "upgrade", "notes", renamed, "--dev");
  expect(refused).toMatchObject({ code: 1, text: expect.stringContaining("did you mean prefixes?") });
  expect(refused.text).toContain('- prefix: string = "10.9.0", perhaps now prefixes');
  expect(await core.kubectl(...generation)).toEqual(before);

  const { version, ...rest } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const rename = [{ to: "0.9.0", rename: { prefix: "prefixes" } }];
  writeFileSync(manifest, JSON.stringify({ ...rest, version: "0.9.0", configMigrations: rename }));
  const dry = await core.berth("plugin", "upgrade", "notes", renamed, "--dev", "--dry-run");
  expect(dry).toMatchObject({ code: 0 });
  expect(dry.text).toContain('spec.config:\n  - prefix: "10.9.0"\n  + prefixes: "10.9.0"');
  expect(dry.text).toContain(`plugin notes: would be upgraded from ${version} to 0.9.0`);
  expect(await core.kubectl(...generation)).toEqual(before);
  const said = ["get", "plugin", "notes", "-o", "jsonpath={.spec.version} {.spec.config}"];
  const done = await core.berth("plugin", "upgrade", "notes", renamed, "--dev");
  expect(done.text).toContain('+ prefixes: "10.9.0"');
  expect((await core.kubectl(...said)).text).toContain('0.9.0 {"prefixes":"10.9.0"}');
  const back = await core.berth("plugin", "rollback", "notes");
  expect(back.code).toBe(0);
  expect((await core.kubectl(...said)).text).toContain('{"prefix":"10.9.0"}');
  const unset = '{"spec":{"config":null}}';
  expect((await core.kubectl("patch", "plugin", "notes", "--type", "merge", "-p", unset)).code).toBe(0);
});

test("a set that brings another version renames the keys that it calls otherwise, and shows it first", async () => {
  // Beside the copy of the plugin, whose imports are looked up from where it lies.
  symlinkSync(join(import.meta.dirname, "../../node_modules"), join(core.folder, "node_modules"));
  const config = '{"spec":{"config":{"prefix":"10.7.0"}}}';
  expect((await core.kubectl("patch", "plugin", "notes", "--type", "merge", "-p", config)).code).toBe(0);
  const file = join(core.folder, "own-set.json");
  const set = { kind: "PluginSet", metadata: { name: "own" }, spec: { plugins: ["notes"] } };
  const spec = {
    contract: "cni",
    version: "0.9.0",
    source: { path: join(core.folder, "renamed") },
    dev: true,
  };
  const items = [set, { kind: "Plugin", metadata: { name: "notes" }, spec }];
  writeFileSync(file, JSON.stringify({ kind: "List", items }));
  const said = ["get", "plugin", "notes", "-o", "jsonpath={.spec.config}"];
  const diff = 'plugin notes spec.config:\n  - prefix: "10.7.0"\n  + prefixes: "10.7.0"';

  const dry = await core.berth("set", "apply", "-f", file, "--dry-run");
  expect(dry).toMatchObject({ code: 0, text: expect.stringContaining(diff) });
  expect(dry.text).toContain('~ plugin notes config: {"prefix":"10.7.0"} → {"prefixes":"10.7.0"}');
  expect((await core.kubectl(...said)).text).toContain('{"prefix":"10.7.0"}');
  expect((await core.berth("set", "ls")).text).not.toMatch(/^own /m);

  const done = await core.berth("set", "apply", "-f", file);
  expect(done).toMatchObject({ code: 0, text: expect.stringContaining(diff) });
  expect((await core.kubectl(...said)).text).toContain('{"prefixes":"10.7.0"}');
  await core.shows(
    ["0.9.0 ready"],
    "get",
    "plugininstance",
    "notes.cliplug",
    "-o",
    "jsonpath={.status.version} {.status.state}",
  );
  expect((await core.berth("set", "diff", "-f", file)).text).toContain("own is in force as it stands");
});
