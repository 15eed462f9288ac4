import { createHash } from "node:crypto";
import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import type { BlobSink } from "./archive-contents.ts";
import { sha256 } from "./chain-id.ts";
import { readImageArchive } from "./image-archive.ts";
import { mediaType } from "./image-types.ts";
import { ownPlatform } from "./platform.ts";

class MemorySink implements BlobSink {
  readonly blobs = new Map<string, Buffer>();

  async write(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, { expected }: { expected?: string }) {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    const whole = Buffer.concat(parts);
    const digest = `sha256:${createHash("sha256").update(whole).digest("hex")}`;
    if (expected !== undefined && expected !== digest) throw new Error(`digest ${digest} is not ${expected}`);
    this.blobs.set(digest, whole);
    return { digest, size: whole.length };
  }

  read(digest: string): Promise<Uint8Array> {
    return Promise.resolve(this.blobs.get(digest)!);
  }
}

const layer = Buffer.from("layer bytes");
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const config = json({ ...ownPlatform(), rootfs: { type: "layers", diff_ids: [sha256(layer)] } });
const describeBlob = (type: string, bytes: Buffer) => ({
  mediaType: type,
  digest: sha256(bytes),
  size: bytes.length,
});
const manifest = json({
  schemaVersion: 2,
  config: describeBlob(mediaType.config, config),
  layers: [describeBlob(mediaType.layer, layer)],
});

function layout(name: string): Record<string, Buffer> {
  const entry = {
    ...describeBlob(mediaType.manifest, manifest),
    annotations: { "org.opencontainers.image.ref.name": name },
  };
  const blobs = [config, layer, manifest].map((blob) => [`blobs/sha256/${sha256(blob).slice(7)}`, blob]);
  return { "index.json": json({ schemaVersion: 2, manifests: [entry] }), ...Object.fromEntries(blobs) };
}

async function tar(files: Record<string, Buffer>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const read = (bytes: Buffer, defaultReference?: string) =>
  readImageArchive(once(bytes), new MemorySink(), {
    ...(defaultReference !== undefined && { defaultReference }),
  });

describe("image archives", () => {
  test("an OCI layout is found under its normalised name", async () => {
    const [image] = await read(await tar(layout("hello:1")));
    expect(image?.references).toEqual(["docker.io/library/hello:1"]);
    expect(image?.target.digest).toBe(sha256(manifest));
  });

  test("a bare tag takes the reference that the caller gives", async () => {
    const bytes = await tar(layout("latest"));
    expect((await read(bytes, "team/app:3"))[0]?.references).toEqual(["docker.io/team/app:3"]);
  });

  test("docker's format gives the same configuration", async () => {
    const files = { "c.json": config, "l.tar": layer };
    const list = json([{ Config: "c.json", RepoTags: ["hello:2"], Layers: ["l.tar"] }]);
    const [image] = await read(await tar({ ...files, "manifest.json": list }));
    expect(image?.references).toEqual(["docker.io/library/hello:2"]);
    expect(image?.manifest.config.digest).toBe(sha256(config));
  });

  test("a blob that an index names and the archive lacks is said", async () => {
    const { [`blobs/sha256/${sha256(layer).slice(7)}`]: _gone, ...rest } = layout("hello:1");
    await expect(read(await tar(rest))).rejects.toThrow(/cut short: it lacks sha256:/);
  });

  test.each([100, 700, 1500, 2600])("an archive that ends after %i bytes is refused", async (length) => {
    const whole = await tar(layout("hello:1"));
    await expect(read(whole.subarray(0, length))).rejects.toThrow(/archive/);
  });

  test("bytes that do not hash to their name are refused", async () => {
    const files = layout("hello:1");
    files[`blobs/sha256/${sha256(layer).slice(7)}`] = Buffer.from("other bytes");
    await expect(read(await tar(files))).rejects.toThrow(/cannot be read to its end: digest/);
  });

  test("what is no archive at all is refused", async () => {
    await expect(read(Buffer.from("not a tar"))).rejects.toThrow(/archive/);
  });
});
