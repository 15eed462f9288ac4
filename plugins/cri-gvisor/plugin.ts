import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { BerthError, createToken } from "@berth/base";
import { ContainerdClient } from "@berth/containerd";
import {
  ArchiveVerbs,
  ContainerService,
  CriLife,
  CriPaths,
  ImageStore,
  ImageVerbs,
  LogPumps,
  readNodeFacts,
  RecordStore,
  RegistryPuller,
  RootfsStore,
  RuntimeParts,
  RuntimeVerbs,
  SandboxNetwork,
  SandboxService,
} from "@berth/cri";
import { allCapabilities } from "@berth/oci";
import { StreamingServer } from "@berth/streaming";
import { definePlugin, implement, type Parts, type PluginContext, services } from "@berth/sdk";
import { socketPath } from "@berth/verbs";
import { findRunsc, type Runsc } from "./find-runsc.ts";
import { shortId } from "./gvisor-spec.ts";
import { RunscCli } from "./runsc-cli.ts";
import { RunscDriver } from "./runsc-driver.ts";
import { controlSocket } from "./sandbox-control.ts";

export interface CriGvisorConfig {
  endpoint: string;
  namespace: string;
  imageNamespace: string;
  snapshotter: string;
  program: string;
  platform: string;
  pauseProgram: string;
  streaming: "unix" | "loopback";
}

const unusable = BerthError.define({
  code: "BERTH_GVISOR_UNUSABLE",
  grpc: "FAILED_PRECONDITION",
  http: 503,
  owner: "operator",
  next: "Start the plugin under a Berth host, or give --containerd unix:///…; the program named must be installed.",
});

const Images = createToken<ContainerdClient>("cri-gvisor.images");
const Records = createToken<ContainerdClient>("cri-gvisor.records");
const Driver = createToken<RunscDriver>("cri-gvisor.driver");
const Logs = createToken<LogPumps>("cri-gvisor.logs");
const Life = createToken<CriLife>("cri-gvisor.life");

export const plugin = definePlugin<CriGvisorConfig>({
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
    if (!endpoint) throw new BerthError(unusable, `${context.manifest.id} was given no containerd`);
    if (!existsSync(config.pauseProgram)) {
      throw new BerthError(
        unusable,
        `config.pauseProgram: there is no ${config.pauseProgram} (package busybox-static)`,
      );
    }
    const runsc = await findRunsc(config, process.env["PATH"] ?? "");
    parts.bind(Images, () => new ContainerdClient({ endpoint, namespace: config.imageNamespace }));
    parts.bind(Records, () => new ContainerdClient({ endpoint, namespace: config.namespace }));
    parts.bind(Logs, () => new LogPumps(context.log));
    parts.bind(Driver, (all) => makeDriver(all, config, context, runsc));
    parts.bind(RuntimeParts, (all) => makeRuntime(all, config, context, streaming));
    parts.bind(Life, (all) => new CriLife(all.get(RuntimeParts), all.get(Records)));
  },
  life: (parts) => parts.get(Life),
});

function makeDriver(
  parts: Parts,
  config: CriGvisorConfig,
  context: PluginContext,
  runsc: Runsc,
): RunscDriver {
  const root = join(context.runDirectory, "r");
  mkdirSync(root, { recursive: true, mode: 0o700 });
  // Refused here, with the path, rather than by runsc in the middle of a pod's start.
  socketPath(`unix://${controlSocket(root, shortId("0".repeat(64)))}`);
  const platform = config.platform === "auto" ? "" : config.platform;
  return new RunscDriver({
    cli: new RunscCli({ program: runsc.program, root, platform }),
    store: new RecordStore(parts.get(Records)),
    paths: new CriPaths(context.stateDirectory, context.runDirectory),
    handler: { name: "gvisor", version: runsc.version },
    pauseProgram: config.pauseProgram,
    log: context.log,
  });
}

function makeRuntime(
  parts: Parts,
  config: CriGvisorConfig,
  context: PluginContext,
  streaming: StreamingServer,
): RuntimeParts {
  const images = parts.get(Images);
  const { id, version } = context.manifest;
  const shared = {
    store: new RecordStore(parts.get(Records)),
    paths: new CriPaths(context.stateDirectory, context.runDirectory),
    images: new ImageStore(images),
    rootfs: new RootfsStore(images, config.snapshotter, config.namespace),
    network: new SandboxNetwork(context.host.network),
    logs: parts.get(Logs),
    driver: parts.get(Driver),
    // A sandbox's own kernel gives its containers their capabilities.
    node: { ...readNodeFacts("self"), capabilities: allCapabilities },
    log: context.log,
    streaming,
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
