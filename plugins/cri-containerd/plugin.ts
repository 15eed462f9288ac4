import { existsSync } from "node:fs";
import { BerthError, createToken, errorMessage } from "@berth/base";
import { ContainerdClient } from "@berth/containerd";
import {
  ArchiveVerbs,
  ContainerService,
  CriLife,
  CriPaths,
  ImageStore,
  ImageVerbs,
  LogPumps,
  type NodeFacts,
  readNodeFacts,
  RecordStore,
  RegistryPuller,
  RootfsStore,
  RuntimeParts,
  RuntimeVerbs,
  SandboxNetwork,
  SandboxService,
  serverPid,
} from "@berth/cri";
import { StreamingServer } from "@berth/streaming";
import { definePlugin, implement, type Parts, type PluginContext, services } from "@berth/sdk";
import { findOciRuntimes, type OciRuntime } from "./oci-runtimes.ts";
import { PausePods } from "./pause-pods.ts";
import { TaskDriver } from "./task-driver.ts";

export interface CriContainerdConfig {
  endpoint: string;
  namespace: string;
  snapshotter: string;
  runtimes: string[];
  defaultRuntime: string;
  pauseProgram: string;
  streaming: "unix" | "loopback";
}

const noContainerd = BerthError.define({
  code: "BERTH_CRI_NO_CONTAINERD",
  grpc: "FAILED_PRECONDITION",
  http: 503,
  owner: "operator",
  next: "Start the plugin under a Berth host, which runs a containerd for it, or give --containerd unix:///run/containerd/containerd.sock.",
});

const Containerd = createToken<ContainerdClient>("cri-containerd.containerd");
const Driver = createToken<TaskDriver>("cri-containerd.driver");
const Logs = createToken<LogPumps>("cri-containerd.logs");
const Life = createToken<CriLife>("cri-containerd.life");

export const plugin = definePlugin<CriContainerdConfig>({
  folder: import.meta.dirname,
  services: [
    implement(services.runtime, RuntimeVerbs, (parts) => new RuntimeVerbs(parts.get(RuntimeParts))),
    implement(services.image, ImageVerbs, (parts) => imageVerbs(parts)),
    implement(services.archive, ArchiveVerbs, (parts) => archiveVerbs(parts)),
  ],
  async configure(parts, config, context) {
    const streaming = parts.disposables.use(new StreamingServer(context.log));
    const paths = new CriPaths(context.stateDirectory, context.runDirectory);
    await streaming.listen(config.streaming === "unix" ? paths.newStreamingSocket() : config.streaming);
    const endpoint = config.endpoint || context.daemon("containerd");
    if (!endpoint) throw new BerthError(noContainerd, `${context.manifest.id} was given no containerd`);
    const path = process.env["PATH"] ?? "";
    const handlers = await findOciRuntimes(config.runtimes, config.defaultRuntime, path, context.log);
    parts.bind(Containerd, () => new ContainerdClient({ endpoint, namespace: config.namespace }));
    parts.bind(Logs, () => new LogPumps(context.log));
    parts.bind(Driver, (all) => makeDriver(all, config, context, handlers));
    const pid = await serverPid(endpoint).catch((error: unknown) => {
      throw new BerthError(noContainerd, `containerd does not answer at ${endpoint}: ${errorMessage(error)}`);
    });
    const node = readNodeFacts(pid ?? "self");
    parts.bind(RuntimeParts, (all) => makeRuntime(all, config, context, { streaming, node }));
    parts.bind(Life, (all) => new CriLife(all.get(RuntimeParts), all.get(Containerd)));
  },
  life: (parts) => parts.get(Life),
});

function makeDriver(
  parts: Parts,
  config: CriContainerdConfig,
  context: PluginContext,
  handlers: OciRuntime[],
): TaskDriver {
  const containerd = parts.get(Containerd);
  const paths = new CriPaths(context.stateDirectory, context.runDirectory);
  const busybox = existsSync(config.pauseProgram) ? config.pauseProgram : "";
  return new TaskDriver(containerd, handlers, new PausePods(containerd, paths, busybox), paths.runtimeRoot);
}

function makeRuntime(
  parts: Parts,
  config: CriContainerdConfig,
  context: PluginContext,
  made: { readonly streaming: StreamingServer; readonly node: NodeFacts },
): RuntimeParts {
  const containerd = parts.get(Containerd);
  const driver = parts.get(Driver);
  const { id, version } = context.manifest;
  const shared = {
    store: new RecordStore(containerd),
    paths: new CriPaths(context.stateDirectory, context.runDirectory),
    images: new ImageStore(containerd),
    rootfs: new RootfsStore(containerd, config.snapshotter, config.namespace),
    network: new SandboxNetwork(context.host.network),
    logs: parts.get(Logs),
    log: context.log,
    driver,
    ...made,
  };
  const sandboxes = new SandboxService({ ...shared, madeBy: `${id}@${version}` });
  const containers = new ContainerService({ ...shared, sandboxes });
  return { ...shared, sandboxes, containers, runtimeName: id, runtimeVersion: version };
}

function imageVerbs(parts: Parts): ImageVerbs {
  const { images, rootfs } = parts.get(RuntimeParts);
  return new ImageVerbs(images, new RegistryPuller(images, rootfs.snapshotter), rootfs.snapshotter);
}

function archiveVerbs(parts: Parts): ArchiveVerbs {
  const { images, rootfs } = parts.get(RuntimeParts);
  return new ArchiveVerbs(images, rootfs.snapshotter);
}
