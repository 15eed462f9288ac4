import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./free-ports.ts";

export const registryProgram = "/usr/bin/docker-registry";
export const hasRegistry = existsSync(registryProgram);

export interface OciLayer {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Of the registry that asks for one; the hash is bcrypt's, as htpasswd writes it. */
export const registryLogin = { username: "ann", password: "let-me-in" };
const htpasswd = "ann:$2b$04$nO.8oPPl2Kks6C5AOYAev.xHx3Sg1mnmQbHw8.OvO1cc/sCw5g9S6\n";

/**
 * A registry that this machine knows nothing else of: Debian's, on loopback, its data below `folder`. `closed`: it asks for
 * {@link registryLogin}.
 */
export async function startOciRegistry(folder: string, { closed = false } = {}) {
  const [port] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const config = join(folder, "registry.yml");
  const users = join(folder, "htpasswd");
  writeFileSync(users, htpasswd);
  const pair = Buffer.from(`${registryLogin.username}:${registryLogin.password}`).toString("base64");
  const authorization = { authorization: `Basic ${pair}` };
  const storage = JSON.stringify(join(folder, "registry"));
  const lines = [
    "version: 0.1",
    "log: {level: error}",
    `storage: {filesystem: {rootdirectory: ${storage}}}`,
    `http: {addr: "${host}"}`,
    ...(closed ? [`auth: {htpasswd: {realm: test, path: ${JSON.stringify(users)}}}`] : []),
  ];
  writeFileSync(config, lines.join("\n"));
  const child = spawn(registryProgram, ["serve", config], { stdio: "ignore" });
  const ended = once(child, "exit");
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the registry ended with ${child.exitCode}`);
    const answer = await fetch(`http://${host}/v2/`, { headers: authorization }).catch(() => undefined);
    if (answer?.ok) break;
    await sleep(50);
  }
  return {
    host,
    /** Pushes an artifact as ORAS does, and answers its reference by tag. */
    async push(repository: string, tag: string, layers: readonly OciLayer[]): Promise<string> {
      const empty = Buffer.from("{}");
      const described = layers.map(({ bytes, mediaType, annotations }) => ({
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
        annotations,
      }));
      for (const bytes of [empty, ...layers.map((layer) => layer.bytes)]) {
        await pushBlob(`http://${host}/v2/${repository}`, bytes, authorization);
      }
      const type = "application/vnd.oci.image.manifest.v1+json";
      const manifest = {
        schemaVersion: 2,
        mediaType: type,
        artifactType: "application/vnd.berth.plugin.v1",
        config: {
          mediaType: "application/vnd.oci.empty.v1+json",
          digest: digestOf(empty),
          size: empty.length,
        },
        layers: described,
      };
      const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
        method: "PUT",
        headers: { ...authorization, "content-type": type },
        body: JSON.stringify(manifest),
      });
      if (!answer.ok) throw new Error(`the manifest was refused: ${await answer.text()}`);
      return `${host}/${repository}:${tag}`;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function pushBlob(base: string, bytes: Buffer, authorization: Record<string, string>): Promise<void> {
  const begun = await fetch(`${base}/blobs/uploads/`, { method: "POST", headers: authorization });
  const url = new URL(begun.headers.get("location")!, base);
  url.searchParams.set("digest", digestOf(bytes));
  const headers = { ...authorization, "content-type": "application/octet-stream" };
  const answer = await fetch(url, { method: "PUT", headers, body: new Uint8Array(bytes) });
  if (!answer.ok) throw new Error(`a blob was refused: ${await answer.text()}`);
}
