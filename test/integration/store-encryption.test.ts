import { randomBytes } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "@berth/base";
import type { Secret } from "../../core/api/index.ts";
import { readEncryptionConfig } from "../../core/store/encryption/encryption-config.ts";
import { EncryptingTransformer } from "../../core/store/encryption/encrypting-transformer.ts";
import { rewriteStore } from "../../core/store/encryption/rewrite-store.ts";
import { openMemoryStore } from "../../core/store/memory-store.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import { describeStore } from "../../core/store/store-behaviour.ts";
import { transformingStore } from "../../core/store/transforming-store.ts";
import { startTestApiServer } from "../support/api-server.ts";

const keys = { one: randomBytes(32).toString("base64"), two: randomBytes(16).toString("base64") };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-encryption-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function provider(text: string): string {
  const [name = "", of = "aesgcm"] = text.split(":").toReversed();
  const secret = keys[name as keyof typeof keys];
  return `      - ${of}:\n          keys:\n            - name: ${name}\n              secret: ${secret}`;
}

/** `providers` as in the file: names of keys of aesgcm, `aescbc:one`, or `identity`. */
function transformer(resource: string, ...providers: string[]): EncryptingTransformer {
  const lines = providers.map((name) => (name === "identity" ? "      - identity: {}" : provider(name)));
  const text = `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n  - resources: ["${resource}"]\n    providers:\n${lines.join("\n")}\n`;
  const file = join(folder, "encryption.yaml");
  writeFileSync(file, text);
  return new EncryptingTransformer(readEncryptionConfig(file));
}

describeStore("memory with AES-GCM", async (options) => {
  const clock = new FakeClock();
  const rules = [{ resources: ["*.*"], providers: readRules() }];
  return {
    store: transformingStore(openMemoryStore({ clock, ...options }), new EncryptingTransformer(rules)),
    clock,
  };
});

function readRules(): ReturnType<typeof readEncryptionConfig>[number]["providers"] {
  transformer("*.*", "one");
  return readEncryptionConfig(join(folder, "encryption.yaml"))[0]!.providers;
}

describe("secrets at rest", () => {
  it("lie in no file of the store as they are; other objects do", async () => {
    const path = join(folder, "store.db");
    const inner = await openSqliteStore({ path });
    const api = await startTestApiServer({
      store: transformingStore(inner, transformer("secrets", "one", "identity")),
    });
    const client = await api.client("https");
    const secrets = client.resource<Secret>({
      group: "",
      version: "v1",
      resource: "secrets",
      namespaced: true,
    });
    const secret: Secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      stringData: { password: "correct horse battery" },
    };
    await secrets.create(secret, { namespace: "default" });
    await secrets.patch(
      "s",
      "merge",
      { stringData: { password: "staple of horses" } },
      { namespace: "default" },
    );
    const maps = client.resource({ group: "", version: "v1", resource: "configmaps", namespaced: true });
    await maps.create(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "plain-to-see" } },
      { namespace: "default" },
    );
    const read = await secrets.get("s", { namespace: "default" });
    expect(Buffer.from(read.data?.["password"] ?? "", "base64").toString()).toBe("staple of horses");
    await api.dispose();
    const onDisk = (): string =>
      globSync(`${path}*`)
        .map((file) => readFileSync(file, "latin1"))
        .join("");
    for (const text of ["correct horse", "staple of"]) {
      expect(onDisk()).not.toContain(text);
      expect(onDisk()).not.toContain(Buffer.from(text).toString("base64").slice(0, 11));
    }
    expect(onDisk()).toContain("plain-to-see");
    expect(onDisk()).toContain("k8s:enc:aesgcm:v1:one:");
    await inner.close();
  });

  it("move from key to key, after which the old key is not needed", async () => {
    const inner = openMemoryStore();
    const key = "/core/secrets/default/s";
    await inner.create(key, Buffer.from("plain"));
    expect(await rewriteStore(inner, transformer("secrets", "one", "identity"))).toBe(1);
    expect(await rewriteStore(inner, transformer("secrets", "two", "one"))).toBe(1);
    expect(await rewriteStore(inner, transformer("secrets", "two"))).toBe(0);
    const second = transformingStore(inner, transformer("secrets", "two"));
    expect((await second.get(key)).item?.value.toString()).toBe("plain");
    const first = transformingStore(inner, transformer("secrets", "one", "identity"));
    await expect(first.get(key)).rejects.toMatchObject({ code: "BERTH_STORE_VALUE_UNREADABLE" });
    await inner.close();
  });

  it("are written with the first of several keys, and read with any", () => {
    const secretOf = (fill: number): string => Buffer.alloc(32, fill).toString("base64");
    const file = join(folder, "several.yaml");
    const of = (...names: string[]): EncryptingTransformer => {
      const all = names.map((name) => `{name: ${name}, secret: ${secretOf(name.charCodeAt(0))}}`);
      writeFileSync(
        file,
        `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n` +
          `- {resources: [secrets], providers: [{aesgcm: {keys: [${all.join(", ")}]}}]}\n` +
          `- {resources: ["*.*"], providers: [{identity: {}}]}\n`,
      );
      return new EncryptingTransformer(readEncryptionConfig(file));
    };
    const at = "/core/secrets/default/s";
    const old = of("a").toStorage(Buffer.from("value"), at);
    const both = of("b", "a");
    const fresh = both.toStorage(Buffer.from("value"), at);
    expect(Buffer.from(fresh).toString("latin1")).toMatch(/^k8s:enc:aesgcm:v1:b:/);
    for (const stored of [old, fresh])
      expect(Buffer.from(both.fromStorage(stored, at)).toString()).toBe("value");
    expect([both.isCurrent(old, at), both.isCurrent(fresh, at)]).toEqual([false, true]);
    // The first rule that names the resource is the one; others are not encrypted, and may not be.
    expect(Buffer.from(both.toStorage(Buffer.from("value"), "/core/pods/a/b")).toString()).toBe("value");
  });

  it.each([
    ["secrets", "/core/secrets/a/b", true],
    ["secrets", "/core/configmaps/a/b", false],
    ["secrets", "/berth.dev/secrets/a/b", false],
    ["deployments.apps", "/apps/deployments/a/b", true],
    ["deployments", "/apps/deployments/a/b", false],
    ["*.apps", "/apps/deployments/a/b", true],
    ["*.apps", "/batch/jobs/a/b", false],
    ["*.", "/core/configmaps/a/b", true],
    ["*.", "/apps/deployments/a/b", false],
    ["*.*", "/apps/deployments/a/b", true],
  ])("for %s: %s, %s", (resource, at, isEncrypted) => {
    const stored = Buffer.from(transformer(resource, "one").toStorage(Buffer.from("value"), at));
    expect(stored.subarray(0, 8).toString() === "k8s:enc:").toBe(isEncrypted);
  });

  it.each(["one", "aescbc:one", "secretbox:one"])("never look alike twice, by %s", (name) => {
    const by = transformer("secrets", name);
    const written = Array.from({ length: 20 }, () => {
      const bytes = Buffer.from(by.toStorage(Buffer.alloc(64), "/core/secrets/a/b"));
      return bytes.subarray(bytes.lastIndexOf(":one:") + 5, bytes.lastIndexOf(":one:") + 21).toString("hex");
    });
    expect(new Set(written).size).toBe(20);
  });

  it("of any number are written anew, each with what it has left to live", async () => {
    const inner = openMemoryStore();
    for (let i = 0; i < 1100; i++) await inner.create(`/core/secrets/a/${i}`, Buffer.from(`${i}`));
    await inner.create("/core/secrets/b/ends", Buffer.from("soon"), { ttlSeconds: 3600 });
    const by = transformer("secrets", "one", "identity");
    expect(await rewriteStore(inner, by)).toBe(1101);
    expect(await rewriteStore(inner, by)).toBe(0);
    expect([...(await inner.lifetimes("")).keys()]).toEqual(["/core/secrets/b/ends"]);
    await inner.close();
  });

  it("move from provider to provider, each of which reads what it wrote", async () => {
    const inner = openMemoryStore();
    const key = "/core/secrets/default/s";
    await inner.create(key, Buffer.from("plain"));
    const steps = [
      ["aescbc:two", "identity"],
      ["secretbox:one", "aescbc:two"],
      ["one", "secretbox:one"],
      ["identity", "one"],
    ];
    for (const providers of steps) {
      const by = transformer("secrets", ...providers);
      expect(await rewriteStore(inner, by)).toBe(1);
      const item = (await inner.get(key)).item!;
      expect(Buffer.from(by.fromStorage(item.value, key)).toString()).toBe("plain");
      const [of, name] = providers[0]!.includes(":") ? providers[0]!.split(":") : ["aesgcm", providers[0]];
      const head = providers[0] === "identity" ? "plain" : `k8s:enc:${of}:v1:${name}:`;
      expect(Buffer.from(item.value).toString("latin1").startsWith(head)).toBe(true);
    }
    await inner.close();
  });

  it.each([
    // Made by OpenSSL's command line and by tweetnacl, not by what reads it here.
    [
      "aescbc",
      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
      "ZGVmZ2hpamtsbW5vcHFyc10nvt4upXshfW14nsxF7+wBVINoTcrRytzEidWT4afJ",
    ],
    [
      "secretbox",
      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
      "MjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJgJUtaQojSG01ChZBMDKPNFl2OIqNrpxGBztyz9fwpwRB",
    ],
  ])("of %s are read as others wrote them", (of, secret, written) => {
    const file = join(folder, "other.yaml");
    const keysOf = `{keys: [{name: k, secret: ${secret}}]}`;
    writeFileSync(
      file,
      `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: [{resources: [secrets], providers: [{${of}: ${keysOf}}]}]\n`,
    );
    const bytes = Buffer.concat([Buffer.from(`k8s:enc:${of}:v1:k:`), Buffer.from(written, "base64")]);
    const read = new EncryptingTransformer(readEncryptionConfig(file)).fromStorage(
      bytes,
      "/core/secrets/a/b",
    );
    expect(Buffer.from(read).toString()).toBe("written elsewhere");
  });

  it("of secretbox are refused when they were tampered with", () => {
    const by = transformer("secrets", "secretbox:one");
    const at = "/core/secrets/default/a";
    const bytes = Buffer.from(by.toStorage(Buffer.from("value"), at));
    bytes[bytes.length - 1]! ^= 1;
    expect(() => by.fromStorage(bytes, at)).toThrow(/cannot be decrypted with secretbox key "one"/);
  });

  it("are refused when they were tampered with, moved, or written by somebody without a key", async () => {
    const inner = openMemoryStore();
    const store = transformingStore(inner, transformer("secrets", "one"));
    await store.create("/core/secrets/default/a", Buffer.from("value"));
    const bytes = Buffer.from((await inner.get("/core/secrets/default/a")).item!.value);
    await inner.create("/core/secrets/default/moved", bytes);
    bytes[bytes.length - 20]! ^= 1;
    await inner.create("/core/secrets/default/changed", bytes);
    await inner.create("/core/secrets/default/plain", Buffer.from("value"));
    for (const name of ["moved", "changed", "plain"])
      await expect(store.get(`/core/secrets/default/${name}`)).rejects.toMatchObject({
        code: "BERTH_STORE_VALUE_UNREADABLE",
      });
    await inner.close();
  });

  it("need a file whose mistakes are named", () => {
    const file = join(folder, "bad.yaml");
    const head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n";
    const rule = (provider: string): string =>
      `${head}- resources: [secrets]\n  providers:\n  - ${provider}\n`;
    for (const [text, field] of [
      ["kind: Pod", "kind"],
      [head, "resources"],
      [rule("rot13: {}"), "resources[0].providers[0]: provider rot13 is not known"],
      [rule("aescbc: {}"), "resources[0].providers[0].aescbc.keys"],
      [rule("secretbox: {keys: [{name: a, secret: MDEyMzQ1Njc4OWFiY2RlZg==}]}"), "must be 32 bytes"],
      [rule("aesgcm: {keys: [{name: a, secret: c2hvcnQ=}]}"), "keys[0].secret"],
    ] as const) {
      writeFileSync(file, text);
      expect(() => readEncryptionConfig(file)).toThrow(field);
    }
  });
});
