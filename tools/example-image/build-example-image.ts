import { execFileSync } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { type Descriptor, mediaType, ownPlatform, sha256 } from "../../lib/oci/index.ts";

/** One file, folder or link of the image's only layer. */
export interface ImageFile {
  path: string;
  content?: Uint8Array | string;
  linkTo?: string;
  mode?: number;
}

export interface ExampleImageOptions {
  /** Archive to write: an OCI layout as tar. */
  output: string;
  /** Name under which it is imported. */
  reference: string;
  /** A statically linked busybox. */
  busybox: string;
  extraFiles?: readonly ImageFile[];
  command?: readonly string[];
  entrypoint?: readonly string[];
}

/** Every time stamp in the image, so that the same busybox gives the same digest. */
const epoch = new Date(0);

/** Writes the image and returns the digest of its manifest. */
export async function buildExampleImage(options: ExampleImageOptions): Promise<string> {
  const layer = await tarOf([...rootFiles(options.busybox), ...(options.extraFiles ?? [])]);
  const config = json({
    created: epoch.toISOString(),
    ...ownPlatform(),
    config: {
      ...(options.entrypoint && { Entrypoint: options.entrypoint }),
      Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: options.command ?? ["httpd", "-f", "-p", "8080", "-h", "/www"],
      WorkingDir: "/",
    },
    rootfs: { type: "layers", diff_ids: [sha256(layer)] },
    history: [{ created: epoch.toISOString(), created_by: "berth example image" }],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: describe(mediaType.config, config),
    layers: [describe(mediaType.layer, layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests: [
      {
        ...describe(mediaType.manifest, manifest),
        platform: ownPlatform(),
        annotations: { "org.opencontainers.image.ref.name": options.reference },
      },
    ],
  });
  const archive = pack();
  const partial = `${options.output}.partial`;
  const written = pipeline(archive, createWriteStream(partial));
  add(archive, { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) });
  add(archive, { path: "index.json", content: index });
  for (const blob of [manifest, config, layer]) {
    add(archive, { path: `blobs/sha256/${sha256(blob).slice("sha256:".length)}`, content: blob });
  }
  archive.finalize();
  await written;
  await rename(partial, options.output);
  return sha256(manifest);
}

function rootFiles(busybox: string): ImageFile[] {
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n").sort();
  return [
    { path: "bin/" },
    { path: "bin/busybox", content: readFileSync(busybox), mode: 0o755 },
    ...applets
      .filter((name) => name !== "busybox")
      .map((name) => ({ path: `bin/${name}`, linkTo: "busybox" })),
    ...["dev/", "etc/", "home/", "proc/", "root/", "sys/", "var/", "www/"].map((path) => ({ path })),
    { path: "tmp/", mode: 0o1777 },
    {
      path: "etc/passwd",
      content: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    },
    { path: "etc/group", content: "root:x:0:\nnobody:x:65534:\n" },
    { path: "www/index.html", content: "hello from a pod on Berth\n" },
  ];
}

async function tarOf(files: readonly ImageFile[]): Promise<Buffer> {
  const archive = pack();
  for (const file of files) add(archive, file);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function add(archive: Pack, file: ImageFile): void {
  const common = { name: file.path, mtime: epoch, uid: 0, gid: 0 };
  if (file.linkTo !== undefined)
    archive.entry({ ...common, type: "symlink", linkname: file.linkTo, mode: 0o777 });
  else if (file.path.endsWith("/")) archive.entry({ ...common, type: "directory", mode: file.mode ?? 0o755 });
  else archive.entry({ ...common, mode: file.mode ?? 0o644 }, Buffer.from(file.content ?? ""));
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function describe(type: string, bytes: Uint8Array): Descriptor {
  return { mediaType: type, digest: sha256(bytes), size: bytes.length };
}
