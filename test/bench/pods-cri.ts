import { spawn, spawnSync } from "node:child_process";
import { createReadStream, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerdClient } from "@berth/containerd";
import { ImageStore } from "@berth/cri";
import { importImages } from "@berth/cri/images/import-images.ts";
import { unmountUnder } from "@berth/linux";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { connectCri, containerConfig, type CriClient, podConfig } from "../support/cri-pod.ts";

/** Milliseconds of one pod, from the first call until its container runs. */
export interface PodTimes {
  sandbox: number;
  create: number;
  start: number;
  total: number;
}

/** Starts and removes `count` pods one after the other through any CRI socket that has the image. */
export async function measurePods(
  cri: CriClient,
  options: { count: number; image: string; prefix: string; handler?: string },
): Promise<PodTimes[]> {
  const logFolder = mkdtempSync(join(tmpdir(), "berth-bench-logs-"));
  const times: PodTimes[] = [];
  try {
    for (let index = 0; index < options.count; index++) {
      times.push(await measurePod(cri, { ...options, logFolder, name: `${options.prefix}-${index}` }));
    }
  } finally {
    rmSync(logFolder, { recursive: true, force: true });
  }
  return times;
}

async function measurePod(
  cri: CriClient,
  options: { image: string; handler?: string; logFolder: string; name: string },
): Promise<PodTimes> {
  const config = podConfig(options);
  const container = { ...containerConfig("main", ["sleep", "1000"]), image: { image: options.image } };
  const begin = performance.now();
  const { pod_sandbox_id } = await cri.runtime.runPodSandbox({
    config,
    runtime_handler: options.handler ?? "",
  });
  try {
    const sandboxed = performance.now();
    const { container_id } = await cri.runtime.createContainer({
      pod_sandbox_id: pod_sandbox_id,
      config: container,
      sandbox_config: config,
    });
    const created = performance.now();
    await cri.runtime.startContainer({ container_id: container_id });
    const started = performance.now();
    return {
      sandbox: sandboxed - begin,
      create: created - sandboxed,
      start: started - created,
      total: started - begin,
    };
  } finally {
    await cri.runtime.stopPodSandbox({ pod_sandbox_id: pod_sandbox_id });
    await cri.runtime.removePodSandbox({ pod_sandbox_id: pod_sandbox_id });
  }
}

export interface PeerRuntime extends AsyncDisposable {
  readonly cri: CriClient;
  /** Name of the image that pods may run. */
  readonly image: string;
}

const image = "docker.io/library/hello:1";
const pauseImage = "docker.io/library/berth-bench-pause:1";
const readyTimeoutMs = 20_000;

/** The peer: containerd with its own CRI, runc, and the bridge and portmap binaries, all of it in one temporary folder. */
export async function startPeerContainerd(options: {
  bridge: string;
  subnet: string;
  masquerade: boolean;
  cniFolder?: string;
}): Promise<PeerRuntime> {
  const folder = mkdtempSync(join(tmpdir(), "berth-peer-"));
  const endpoint = `unix://${join(folder, "c.sock")}`;
  writePeerConfig(folder, options);
  const log = openSync(join(folder, "containerd.log"), "a");
  const child = spawn("containerd", ["--config", join(folder, "config.toml")], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const containerd = new ContainerdClient({ endpoint, namespace: "k8s.io" });
  const dispose = async (): Promise<void> => {
    containerd.dispose();
    child.kill("SIGTERM");
    await gone;
    unmountUnder(folder);
    rmSync(folder, { recursive: true, force: true });
    // The bridge binary makes it and never removes it.
    spawnSync("ip", ["link", "delete", options.bridge]);
  };
  try {
    await containerd.connection.waitForReady(readyTimeoutMs);
    await containerd.ensureNamespace();
    await importInto(containerd, folder, image);
    await importInto(containerd, folder, pauseImage, ["sleep", "2147483647"]);
    const cri = connectCri(endpoint);
    await cri.runtime.status({});
    return {
      cri,
      image,
      async [Symbol.asyncDispose]() {
        cri.close();
        await dispose();
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function importInto(
  containerd: ContainerdClient,
  folder: string,
  reference: string,
  command?: readonly string[],
): Promise<void> {
  const output = join(folder, "image.tar");
  await buildExampleImage({ output, reference, busybox: "/bin/busybox", ...(command && { command }) });
  await importImages(new ImageStore(containerd), {
    snapshotter: "overlayfs",
    bytes: createReadStream(output),
  });
}

function writePeerConfig(
  folder: string,
  options: { bridge: string; subnet: string; masquerade: boolean; cniFolder?: string },
): void {
  const conf = join(folder, "cni.d");
  mkdirSync(conf);
  const network = {
    cniVersion: "0.4.0",
    name: "berth-bench",
    plugins: [
      {
        type: "bridge",
        bridge: options.bridge,
        isGateway: true,
        ipMasq: options.masquerade,
        ipam: { type: "host-local", dataDir: join(folder, "ipam"), ranges: [[{ subnet: options.subnet }]] },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  writeFileSync(join(conf, "10-bench.conflist"), JSON.stringify(network));
  const lines = [
    "version = 2",
    `root = "${join(folder, "root")}"`,
    `state = "${join(folder, "state")}"`,
    "[grpc]",
    `address = "${join(folder, "c.sock")}"`,
    "[ttrpc]",
    `address = "${join(folder, "c.sock.ttrpc")}"`,
    '[plugins."io.containerd.grpc.v1.cri"]',
    `sandbox_image = "${pauseImage}"`,
    "restrict_oom_score_adj = true",
    '[plugins."io.containerd.grpc.v1.cri".cni]',
    `bin_dir = "${options.cniFolder ?? "/usr/lib/cni"}"`,
    `conf_dir = "${conf}"`,
  ];
  writeFileSync(join(folder, "config.toml"), `${lines.join("\n")}\n`);
}

/** The middle one; of an even number the lower middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
