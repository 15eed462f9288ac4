import type { CgroupHierarchy } from "@berth/linux";
import type { Pod, RuntimeClass, Secret, Service } from "../api/index.ts";
import type { Informer } from "../client/contracts.ts";
import type { DnsSettings } from "./config/dns.ts";
import { ContainerHooks } from "./containers/container-hooks.ts";
import { ContainerKiller } from "./containers/container-killer.ts";
import { ContainerStarter } from "./containers/container-starter.ts";
import { allocateDevices, deviceStatus } from "./containers/pod-devices.ts";
import { apiConfigSources } from "./environment/config-sources.ts";
import { containerEnvironment } from "./environment/container-environment.ts";
import type { NodeFacts } from "./environment/field-ref.ts";
import { serviceEnvironment } from "./environment/service-env.ts";
import { RecordedPodEvents } from "./events/recorded-pod-events.ts";
import { ContainerMounts } from "./files/container-mounts.ts";
import { NodeGround } from "./files/pod-ground.ts";
import { ImagePuller } from "./images/image-puller.ts";
import type { KubeletParts } from "./kubelet-parts.ts";
import type { MachineFacts } from "./node/machine.ts";
import { podNamespace } from "./pods/pod-containers.ts";
import { PodManager } from "./pods/pod-manager.ts";
import { SandboxStarter } from "./pods/sandbox-starter.ts";
import { PodStatusWriter } from "./pods/status-writer.ts";
import { grpcProber } from "./probes/grpc-probe.ts";
import { httpProber } from "./probes/http-probe.ts";
import { ProbeRunner } from "./probes/probe-run.ts";
import { ProbeSet } from "./probes/probe-set.ts";
import { tcpProber } from "./probes/tcp-probe.ts";
import { RuntimeDirectory } from "./runtime/runtime-directory.ts";
import { RuntimeWatch } from "./runtime/runtime-watch.ts";
import { ClaimReader } from "./volumes/csi-claim.ts";
import { CsiVolumes } from "./volumes/csi-volumes.ts";
import { EmptyDirVolumes } from "./volumes/empty-dir.ts";
import { HostPathVolumes } from "./volumes/host-path.ts";
import { NodeVolumes } from "./volumes/node-volumes.ts";
import { ProjectedVolumes } from "./volumes/projected-volume.ts";
import { SubPaths } from "./volumes/sub-paths.ts";
import { TokenSource } from "./volumes/token-source.ts";
import { VolumeLayout } from "./volumes/volume-layout.ts";

export interface PodAssemblyInput extends KubeletParts {
  readonly machine: MachineFacts;
  readonly allocatable: () => Readonly<Record<string, string>>;
  readonly nodeDns: DnsSettings;
  readonly cgroups: CgroupHierarchy | undefined;
  readonly pods: Informer<Pod>;
  readonly runtimeClasses: Informer<RuntimeClass>;
  readonly services: Informer<Service>;
}

export interface PodAssembly {
  readonly manager: PodManager;
  readonly runtimes: RuntimeDirectory;
  readonly statuses: PodStatusWriter;
}

/** Puts together everything that pods of one node need. */
export function assemblePods(input: PodAssemblyInput): PodAssembly {
  const { client, clock, host, logger, options } = input;
  const hostIps = (): readonly string[] => options.addresses;
  const events = new RecordedPodEvents(input.events);
  const hooks = new ContainerHooks({ clock, http: httpProber });
  const statuses = new PodStatusWriter({ client, clock, logger });
  const settled = input.checkpoint.bucket<string>("kubelet.settled");
  const runtimes = new RuntimeDirectory({
    runtimes: host.runtimes,
    runtimeClass: (name) => input.runtimeClasses.get(name),
    settled,
  });
  const facts = (pod: Pod, podIps: readonly string[] = podIpsOf(statuses, pod)): NodeFacts => ({
    nodeName: options.nodeName,
    hostIps: hostIps(),
    podIps,
    allocatable: input.allocatable(),
  });
  const sources = apiConfigSources(client);
  const tokens = new TokenSource({ client, clock });
  const layout = new VolumeLayout(options.kubeletRoot);
  const subPaths = new SubPaths(layout);
  const volumes = new NodeVolumes({
    layout,
    kinds: [
      new EmptyDirVolumes(layout),
      new HostPathVolumes(),
      new ProjectedVolumes({ layout, sources, tokens, facts: (pod) => facts(pod) }),
    ],
    csi: new CsiVolumes({
      drivers: host.csi,
      claims: new ClaimReader(client),
      sources,
      layout,
      nodeName: options.nodeName,
    }),
    subPaths,
  });
  const ground = new NodeGround({
    ...options,
    layout,
    cgroups: input.cgroups,
    release: (uid) => {
      host.devices.release(uid);
      tokens.forget(uid);
    },
  });
  const mounts = new ContainerMounts({ ...options, layout, volumes, subPaths });
  const starter = new ContainerStarter({
    clock,
    events,
    images: new ImagePuller({ clock, events }),
    hooks,
    settings: { memoryBytes: input.machine.memoryBytes, seccompRoot: options.seccompRoot },
    sources: {
      environment: (pod, decision, podIps) =>
        containerEnvironment({
          pod,
          container: decision.container.spec,
          node: facts(pod, podIps),
          sources,
          services: visibleServices(input.services, pod),
        }),
      devices: (pod, container) => allocateDevices(host.devices, pod, container),
      mounts: (pod, decision, environment, podIps) => mounts.mounts(pod, decision, environment, podIps),
      pullSecrets: (pod) => pullSecrets(sources, pod),
    },
  });
  const probeParts = {
    clock,
    events,
    hostIps,
    runner: new ProbeRunner({ clock, http: httpProber, tcp: tcpProber, grpc: grpcProber }),
  };
  const watch = new RuntimeWatch({ runtimes: host.runtimes, clock, logger, nodeName: options.nodeName });
  const manager = new PodManager({
    clock,
    logger,
    events,
    runtimes,
    sandboxes: new SandboxStarter({
      events,
      ground,
      settings: (handler) => ({ ...options, nodeDns: input.nodeDns, plugin: handler.plugin }),
    }),
    starter,
    killer: new ContainerKiller({ clock, events, hooks, logger }),
    volumes,
    ground,
    probes: (wake) => new ProbeSet(probeParts, wake),
    statuses,
    hostIps,
    containerExtra: (pod, { spec }) => {
      const devices = deviceStatus(host.devices, pod, spec.name);
      return {
        ...(spec.resources?.requests ? { allocatedResources: spec.resources.requests } : {}),
        ...(spec.resources ? { resources: spec.resources } : {}),
        ...(devices ? { allocatedResourcesStatus: devices } : {}),
      };
    },
    pods: input.pods,
    watch,
    settled: () => settled.keys(),
    leftOnDisk: () => volumes.leftOnDisk(),
  });
  return { manager, runtimes, statuses };
}

function podIpsOf(statuses: PodStatusWriter, pod: Pod): string[] {
  return (statuses.current(pod).podIPs ?? []).map(({ ip }) => ip);
}

/** Services of the pod's own namespace, and the API server's, which every pod may need. */
function visibleServices(services: Informer<Service>, pod: Pod): Record<string, string> {
  const own = pod.spec?.enableServiceLinks === false ? [] : services.list(podNamespace(pod));
  const api = services.get("kubernetes", "default");
  const all = new Map(
    [...(api ? [api] : []), ...own].map((service) => [
      service.metadata.uid ?? service.metadata.name,
      service,
    ]),
  );
  return serviceEnvironment([...all.values()]);
}

async function pullSecrets(sources: ReturnType<typeof apiConfigSources>, pod: Pod): Promise<Secret[]> {
  const names = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
  const found = await Promise.all(names.map((name) => sources.secret(podNamespace(pod), name)));
  return found.flatMap((secret) => secret ?? []);
}
