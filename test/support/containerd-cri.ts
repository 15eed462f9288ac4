import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerdClient } from "@berth/containerd";
import { ImageStore } from "@berth/cri";
import { importImages } from "@berth/cri/images/import-images.ts";
import { unmountUnder } from "@berth/linux";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { connectCri, type CriClient } from "./cri-pod.ts";

export interface ContainerdCri extends AsyncDisposable {
  readonly cri: CriClient;
  readonly endpoint: string;
  readonly folder: string;
  /** Where it looks for CNI configurations and executables. */
  readonly cni: { readonly configurations: string; readonly executables: string };
  /** Name of the image that pods may run. */
  readonly image: string;
}

const image = "docker.io/library/hello:1";
const pauseImage = "docker.io/library/berth-bench-pause:1";
const readyTimeoutMs = 20_000;

export interface CniBridge {
  bridge: string;
  subnet: string;
  masquerade: boolean;
}

/**
 * containerd with its own CRI and runc, all of it in one temporary folder. Pods are on a network of the bridge and portmap
 * binaries, or on none as long as nobody lays a configuration.
 */
export async function startContainerdCri(
  options: {
    network?: CniBridge;
    cniFolder?: string;
  } = {},
): Promise<ContainerdCri> {
  const folder = mkdtempSync(join(tmpdir(), "berth-peer-"));
  const endpoint = `unix://${join(folder, "c.sock")}`;
  const cni = {
    configurations: join(folder, "cni.d"),
    executables: options.cniFolder ?? (options.network ? "/usr/lib/cni" : join(folder, "cni")),
  };
  writeConfig(folder, cni);
  // containerd itself brings lo up through it.
  if (!existsSync(join(cni.executables, "loopback")))
    copyFileSync("/usr/lib/cni/loopback", join(cni.executables, "loopback"));
  if (options.network) writeNetwork(folder, cni.configurations, options.network);
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
    if (options.network) spawnSync("ip", ["link", "delete", options.network.bridge]);
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
      endpoint,
      folder,
      cni,
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

function writeNetwork(folder: string, configurations: string, options: CniBridge): void {
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
  writeFileSync(join(configurations, "10-bench.conflist"), JSON.stringify(network));
}

function writeConfig(folder: string, cni: ContainerdCri["cni"]): void {
  mkdirSync(cni.configurations);
  mkdirSync(cni.executables, { recursive: true });
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
    `bin_dir = "${cni.executables}"`,
    `conf_dir = "${cni.configurations}"`,
  ];
  writeFileSync(join(folder, "config.toml"), `${lines.join("\n")}\n`);
}
