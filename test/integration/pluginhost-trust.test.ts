import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestFolder } from "../../core/pluginhost/package/package-digest.ts";
import { isReady, seen, standIns, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;
let folder: string;

beforeEach(() => {
  node = new TestNode({ firstUid: 64_100 });
  host = node.start();
  folder = join(node.root, "package");
  cpSync(join(standIns, "raw-hang"), folder, { recursive: true });
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

function pinned(digest: string | undefined) {
  const spec = { source: { path: folder }, dev: false, ...(digest === undefined ? {} : { digest }) };
  return { plugins: [wanted("pinned", "raw-hang", spec)] };
}

const refused = () => seen(host, "pinned", ({ state }) => state === "refused");

describe("a pinned package", () => {
  it("is executed from a read-only copy of its own, not from where it was found", async () => {
    const digest = await digestFolder(folder);
    host.setDesired(pinned(digest));
    const view = await seen(
      host,
      "pinned",
      ({ state, pid, lastCause }) => pid !== undefined || lastCause !== undefined || state === "backoff",
    );
    expect(view.unverified).toBe(false);
    const copy = join(node.root, "data", "packages", digest.replace(":", "-"));
    expect(statSync(join(copy, "plugin.json")).mode & 0o777).toBe(0o444);
  });

  it("with another digest is refused, naming both, and leaves nothing half copied", async () => {
    const actual = await digestFolder(folder);
    const wrong = `sha256:${"0".repeat(64)}`;
    host.setDesired(pinned(wrong));
    const { reason } = await refused();
    expect(reason).toContain(`spec.digest is ${wrong}, but the package at ${folder} has ${actual}`);
    expect(readdirSync(join(node.root, "data", "packages"))).toEqual([]);
  });

  it("without a digest is refused, telling the digest to pin", async () => {
    host.setDesired(pinned(undefined));
    expect((await refused()).reason).toContain(`the digest of ${folder} is ${await digestFolder(folder)}`);
  });

  it("is not executed from a copy that somebody has changed since", async () => {
    const digest = await digestFolder(folder);
    const copy = join(node.root, "data", "packages", digest.replace(":", "-"));
    mkdirSync(copy, { recursive: true });
    writeFileSync(
      join(copy, "plugin.json"),
      readFileSync(join(folder, "plugin.json"), "utf8").replace("60", "61"),
    );
    host.setDesired(pinned(digest));
    expect((await refused()).reason).toContain(`the kept copy ${copy} has digest`);
  });

  it("may hold no links: what runs must be what was hashed", async () => {
    symlinkSync("/etc/passwd", join(folder, "data"));
    host.setDesired(pinned(`sha256:${"0".repeat(64)}`));
    expect((await refused()).reason).toContain("is neither a file nor a folder");
  });

  it("has one digest whatever its modes are, but for the right to execute", async () => {
    const before = await digestFolder(folder);
    chmodSync(join(folder, "plugin.json"), 0o600);
    expect(await digestFolder(folder)).toBe(before);
    chmodSync(join(folder, "plugin.json"), 0o700);
    expect(await digestFolder(folder)).not.toBe(before);
  });
});

describe("a plugin whose sockets would have paths that are too long", () => {
  it("is refused with the length, and the others go on", async () => {
    const name = "n".repeat(80);
    host.setDesired({ plugins: [wanted(name, "raw-hang"), wanted("short", "raw-crash")] });
    const view = await seen(host, name, ({ state }) => state === "refused");
    expect(view.reason).toMatch(/has \d+ bytes, more than 107/);
    await seen(host, "short", ({ lastCause }) => lastCause !== undefined);
  });
});

describe("a plugin that asks for no privilege", () => {
  it("runs as a user of its own, without capabilities, the same user after a restart", async () => {
    for (const folder of [node.root, join(node.root, "data"), join(node.root, "run")])
      chmodSync(folder, 0o711);
    host.setDesired({ plugins: [wanted("who", "raw-who")] });
    const nothing = "0000000000000000";
    const said = (times: number): string =>
      `${times}\nUid:\t64100\t64100\t64100\t64100\nCapEff:\t${nothing}\nCapBnd:\t${nothing}\nNoNewPrivs:\t1`;
    const first = await seen(host, "who", ({ lastCause }) => lastCause?.incarnation === 1);
    expect(first.lastCause?.stderrTail).toBe(said(1));
    await host.end("leave");
    host = node.start();
    host.setDesired({ plugins: [wanted("other", "raw-who"), wanted("who", "raw-who")] });
    const second = await seen(host, "who", ({ lastCause }) => (lastCause?.incarnation ?? 0) > 1);
    expect(second.lastCause?.stderrTail).toBe(said(second.lastCause!.incarnation));
  });

  it("runs as the host's own user where its own could not reach its files, and says which folder is closed", async () => {
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const view = await seen(host, "notes", isReady);
    const own = view.isolation.find(({ name }) => name === "own-user");
    expect(own).toMatchObject({ inForce: false });
    expect(own?.note).toMatch(/^other users may not enter \//);
  });
});
