import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PluginSpec } from "../../core/pluginhost/contracts/plugin-types.ts";
import { digestFolder } from "../../core/pluginhost/package/package-digest.ts";
import { hasRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;
let folder: string;
let digest: string;

const program = '#!/bin/sh\necho "ran $0 $1" >&2\nexit 3\n';
const manifest = JSON.stringify({
  id: "tool",
  version: "1.2.3",
  contract: "cni",
  contractVersions: { cni: ["v1"] },
  entry: ["./tool"],
});
const files = { "plugin.json": manifest, tool: program };

beforeEach(async () => {
  begin();
  folder = join(node.root, "package");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  chmodSync(join(folder, "tool"), 0o755);
  digest = await digestFolder(folder);
});

afterEach(end);

function begin(options: ConstructorParameters<typeof TestNode>[0] = {}): void {
  node = new TestNode(options);
  host = node.start();
}

async function end(): Promise<void> {
  await host.end("teardown");
  node.remove();
}

async function tarball(
  prefix: string,
  more: Record<string, string> = {},
  change: (tar: ReturnType<typeof pack>) => void = () => {},
): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries({ ...files, ...more }))
    tar.entry({ name: `${prefix}${name}`, mode: name === "tool" ? 0o755 : 0o644 }, text);
  change(tar);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const from = (source: PluginSpec["source"], more: Partial<PluginSpec> = {}) => ({
  plugins: [wanted("tool", "", { source, dev: false, digest, grants: [], ...more })],
});

/** Where it was executed, with its first argument, as the program itself says. */
async function executed(source: PluginSpec["source"], more: Partial<PluginSpec> = {}): Promise<string> {
  host.setDesired(from(source, more));
  const { lastCause, unverified } = await seen(host, "tool", (view) => view.lastCause !== undefined);
  expect(unverified).toBe(false);
  return lastCause?.stderrTail ?? "";
}

async function refused(source: PluginSpec["source"], more: Partial<PluginSpec> = {}): Promise<string> {
  host.setDesired(from(source, more));
  const { reason } = await seen(host, "tool", ({ state }) => state === "refused");
  expect(listOf(join(node.root, "data", "packages"))).toEqual([]);
  return reason;
}

function listOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const copyOf = (pinned: string) => join(node.root, "data", "packages", pinned.replace(":", "-"));

/** A registry of one package, with a count of what it was asked for. */
async function npmRegistry(bytes: Buffer, integrity: string, tarballHost = "127.0.0.1") {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const { port } = server.address() as AddressInfo;
    if (request.url === "/@acme%2ftool") {
      const dist = { tarball: `http://${tarballHost}:${port}/@acme/tool/-/tool-1.2.3.tgz`, integrity };
      return response.end(JSON.stringify({ name: "@acme/tool", versions: { "1.2.3": { dist } } }));
    }
    if (request.url?.endsWith(".tgz")) return response.end(bytes);
    return response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const sri = (bytes: Buffer) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

describe("an npm package", () => {
  it("of a registry is executed from its verified copy, which is not fetched again; its scripts are not run", async () => {
    const touched = join(node.root, "script-was-run");
    const scripts = { install: `touch ${touched}`, postinstall: `touch ${touched}` };
    const extra = { "package.json": JSON.stringify({ name: "@acme/tool", version: "1.2.3", scripts }) };
    const bytes = await tarball("package/", extra);
    writeFileSync(join(folder, "package.json"), extra["package.json"]);
    digest = await digestFolder(folder);
    await using registry = await npmRegistry(bytes, sri(bytes));
    const source = { npm: { package: "@acme/tool@1.2.3", registry: registry.url } };
    expect(await executed(source)).toContain(`ran ${copyOf(digest)}/tool`);
    expect(readdirSync(node.root)).not.toContain("script-was-run");
    await host.end("teardown");
    host = node.start();
    await executed(source);
    expect(registry.asked).toEqual(["/@acme%2ftool", "/@acme/tool/-/tool-1.2.3.tgz"]);
  });

  it("of a file is executed from its verified copy", async () => {
    const path = join(node.root, "tool-1.2.3.tgz");
    writeFileSync(path, await tarball("package/"));
    expect(await executed({ npm: { package: path } })).toContain(`ran ${copyOf(digest)}/tool`);
  });

  it("that is not what the registry announced is refused with both hashes", async () => {
    const bytes = await tarball("package/");
    await using registry = await npmRegistry(bytes, sri(Buffer.from("another")));
    const reason = await refused({ npm: { package: "@acme/tool@1.2.3", registry: registry.url } });
    expect(reason).toContain(`came with ${sri(bytes)}, but ${sri(Buffer.from("another"))} was announced`);
  });

  it("for which its registry sends to another host is not fetched from there, where the login would go too", async () => {
    const bytes = await tarball("package/");
    await using registry = await npmRegistry(bytes, sri(bytes), "localhost");
    const reason = await refused({ npm: { package: "@acme/tool@1.2.3", registry: registry.url } });
    expect(reason).toContain("sends for npm package @acme/tool@1.2.3 to another host, localhost:");
    expect(registry.asked).toEqual(["/@acme%2ftool"]);
  });

  it("that is what the registry announced, but not what is pinned, is refused with both digests", async () => {
    const bytes = await tarball("package/", { more: "than was pinned" });
    await using registry = await npmRegistry(bytes, sri(bytes));
    const reason = await refused({ npm: { package: "@acme/tool@1.2.3", registry: registry.url } });
    expect(reason).toContain(`spec.digest is ${digest}, but the package at npm:`);
  });

  it("of a version that is not there is refused with those that are", async () => {
    await using registry = await npmRegistry(Buffer.alloc(0), "");
    const reason = await refused({ npm: { package: "@acme/tool@9.9.9", registry: registry.url } });
    expect(reason).toContain("has no npm package @acme/tool@9.9.9; its latest versions are 1.2.3");
  });

  it("that needs others which it does not bring is refused naming them", async () => {
    const bytes = await tarball("package/", { "package.json": '{"dependencies":{"left":"1","right":"1"}}' });
    const path = join(node.root, "tool.tgz");
    writeFileSync(path, bytes);
    expect(await refused({ npm: { package: path } })).toContain("depends on left, right");
  });

  it.each([
    ["a link", { type: "symlink" as const, linkname: "/etc/shadow" }, "package/link", "a symlink"],
    ["a way out", { type: "file" as const }, "package/../../../outside", "a path that leaves the package"],
  ])("with %s is refused, and nothing of it is kept", async (_, header, name, reason) => {
    const path = join(node.root, "tool.tgz");
    writeFileSync(path, await tarball("package/", {}, (tar) => void tar.entry({ name, ...header }, "")));
    expect(await refused({ npm: { package: path } })).toContain(reason);
    expect(readdirSync(node.root)).not.toContain("outside");
  });
});

describe.skipIf(!hasRegistry)("an OCI artifact (needs the package docker-registry)", () => {
  it("pushed as an image layer is executed from its verified copy, by tag and by digest", async () => {
    await using registry = await startOciRegistry(node.root);
    const layer = { bytes: await tarball(""), mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" };
    const reference = await registry.push("acme/tool", "1.2.3", [layer]);
    expect(await executed({ oci: { reference } })).toContain(`ran ${copyOf(digest)}/tool`);
  });

  it("pushed as a folder, as ORAS packs it, has the digest of that folder", async () => {
    await using registry = await startOciRegistry(node.root);
    const layer = {
      bytes: await tarball("tool/"),
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      annotations: { "org.opencontainers.image.title": "tool", "io.deis.oras.content.unpack": "true" },
    };
    const reference = await registry.push("acme/tool", "folder", [layer]);
    expect(await executed({ oci: { reference } })).toContain(`ran ${copyOf(digest)}/tool`);
  });

  it("with another tree than the pinned one is refused, and one that is not there says what the registry said", async () => {
    await using registry = await startOciRegistry(node.root);
    const bytes = await tarball("", { more: "than was pinned" });
    const layer = { bytes, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" };
    const reference = await registry.push("acme/tool", "other", [layer]);
    expect(await refused({ oci: { reference } })).toContain(`spec.digest is ${digest}, but the package`);
    await end();
    begin();
    const absent = `${registry.host}/acme/nothing:1`;
    expect(await refused({ oci: { reference: absent } })).toContain("answered 404");
  });
});

describe("a plain executable", () => {
  const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

  it("is executed from a copy that was hashed, with the socket it is to serve on", async () => {
    const source = { executable: { path: join(folder, "tool"), args: ["--listen=${socket}"] } };
    const said = await executed(source, { digest: sha256(program) });
    expect(said).toContain(`ran ${copyOf(sha256(program))}/tool --listen=${node.root}/run/`);
  });

  it("that has changed since it was pinned, or is not executable, is refused", async () => {
    const source = { executable: { path: join(folder, "tool") } };
    const pinned = sha256("what it was");
    expect(await refused(source, { digest: pinned })).toContain(
      `spec.digest is ${pinned}, but the package at ${folder}/tool has ${sha256(program)}`,
    );
    await end();
    begin();
    const path = join(node.root, "data.txt");
    writeFileSync(path, "no program");
    expect(await refused({ executable: { path } }, { digest: sha256("no program") })).toContain(
      `${path} is not executable`,
    );
  });

  it("that is a link or a folder is refused saying so", async () => {
    const link = join(node.root, "link");
    symlinkSync(join(folder, "tool"), link);
    const pinned = { digest: sha256(program) };
    expect(await refused({ executable: { path: link } }, pinned)).toContain(
      `${link} is a link; name the file that it leads to`,
    );
    await end();
    begin();
    const path = join(node.root, "folder");
    mkdirSync(path);
    expect(await refused({ executable: { path } }, pinned)).toContain(`${path} is not a file`);
  });
});

describe("a node that allows some sources only", () => {
  it("refuses all others, by any name for them, and says what it allows", async () => {
    await end();
    begin({
      allowedSources: ["/opt/plugins", "oci:oci.example.com/acme"],
      npmRegistry: "https://npm.example.com",
    });
    const reason = await refused({ npm: { package: "@acme/tool@1.2.3" } });
    expect(reason).toContain(
      "npm:npm.example.com/@acme/tool@1.2.3 is outside of what this node allows (berth start --allow-source): " +
        "/opt/plugins, oci:oci.example.com/acme",
    );
  });

  it("is not led out of an allowed folder by a link in it", async () => {
    await end();
    const allowed = mkdtempSync(join(tmpdir(), "berth-allowed-"));
    symlinkSync("/etc", join(allowed, "tool"));
    begin({ allowedSources: [allowed] });
    const reason = await refused({ path: join(allowed, "tool") });
    expect(reason).toContain("is outside of what this node allows");
    rmSync(allowed, { recursive: true });
  });
});
