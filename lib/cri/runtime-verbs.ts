import { BerthError, nearestName } from "@berth/base";
import type { Call } from "@berth/sdk";
import type * as cri from "./cri-types.ts";
import { mergeResources, specResources } from "./container/resource-limits.ts";
import { wrongState, unsupported } from "./cri-error.ts";
import {
  matchesLabels,
  stateOfPhase,
  toContainer,
  toContainerStatus,
  toPodSandbox,
  toPodSandboxStatus,
} from "./cri-messages.ts";
import { eventsOf } from "./container-events.ts";
import { runSync } from "./exec-sync.ts";
import { nowNanos, type SandboxRecord } from "./records.ts";
import type { RuntimeParts } from "./runtime-parts.ts";
import { RuntimeStats } from "./runtime-stats.ts";
import { openAttach } from "./streams/attach-session.ts";
import { openExec } from "./streams/exec-session.ts";
import { podDialer } from "./streams/pod-dialer.ts";

const millisecondsPerSecond = 1000;

/** CRI RuntimeService, the same for every OCI runtime. */
export class RuntimeVerbs {
  readonly #parts: RuntimeParts;
  readonly #stats: RuntimeStats;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.#stats = new RuntimeStats(parts);
  }

  version(): cri.VersionResponse {
    const { runtimeName, runtimeVersion } = this.#parts;
    return {
      version: "0.1.0",
      runtime_name: runtimeName,
      runtime_version: runtimeVersion,
      runtime_api_version: "v1",
    };
  }

  async status(request: cri.StatusRequest): Promise<cri.StatusResponse> {
    const network = await this.#parts.network.status();
    const { handlers } = this.#parts.driver;
    const features = { recursive_read_only_mounts: false, user_namespaces: false };
    return {
      status: {
        conditions: [
          { type: "RuntimeReady", status: true },
          {
            type: "NetworkReady",
            status: network.ready,
            reason: network.ready ? "" : "NetworkPluginNotReady",
            message: network.reason,
          },
        ],
      },
      // The empty name stands for the default handler.
      runtime_handlers: ["", ...handlers.map(({ name }) => name)].map((name) => ({ name, features })),
      features: { supplemental_groups_policy: true },
      info: request.verbose ? { handlers: JSON.stringify(handlers) } : {},
    };
  }

  async runPodSandbox(request: cri.RunPodSandboxRequest, call: Call): Promise<cri.RunPodSandboxResponse> {
    const { config } = request;
    if (!config?.metadata) throw new BerthError(unsupported, "RunPodSandbox: config.metadata is missing");
    const record = await this.#parts.sandboxes.run(config, this.#handler(request.runtime_handler), call);
    return { pod_sandbox_id: record.id };
  }

  async stopPodSandbox(
    request: cri.StopPodSandboxRequest,
    { signal }: Call,
  ): Promise<cri.StopPodSandboxResponse> {
    const record = this.#parts.sandboxes.find(request.pod_sandbox_id);
    if (record) await this.#stopSandbox(record, signal);
    return {};
  }

  async removePodSandbox(
    request: cri.RemovePodSandboxRequest,
    { signal }: Call,
  ): Promise<cri.RemovePodSandboxResponse> {
    const record = this.#parts.sandboxes.find(request.pod_sandbox_id);
    if (record) await this.#removeSandbox(record, signal);
    return {};
  }

  podSandboxStatus(request: cri.PodSandboxStatusRequest): cri.PodSandboxStatusResponse {
    const { sandboxes, containers } = this.#parts;
    const record = sandboxes.require(request.pod_sandbox_id);
    return {
      status: toPodSandboxStatus(record, sandboxes.isReady(record)),
      containers_statuses: containers.of(record.id).map((container) => toContainerStatus(container, record)),
      timestamp: nowNanos(),
      info: request.verbose
        ? { info: JSON.stringify({ netns: sandboxes.netns(record), madeBy: record.madeBy }) }
        : {},
    };
  }

  listPodSandbox(request: cri.ListPodSandboxRequest): cri.ListPodSandboxResponse {
    const { filter } = request;
    const items = this.#parts.sandboxes
      .list()
      .filter((record) => !filter || filter.id === "" || record.id.startsWith(filter.id))
      .filter((record) => !filter || matchesLabels(record.config.labels, filter.label_selector))
      .map((record) => toPodSandbox(record, this.#parts.sandboxes.isReady(record)))
      .filter((item) => !filter?.state || item.state === filter.state.state);
    return { items };
  }

  async createContainer(request: cri.CreateContainerRequest): Promise<cri.CreateContainerResponse> {
    const { config } = request;
    if (!config?.metadata) throw new BerthError(unsupported, "CreateContainer: config.metadata is missing");
    const sandbox = this.#parts.sandboxes.require(request.pod_sandbox_id);
    const record = await this.#parts.containers.create(sandbox, config);
    return { container_id: record.id };
  }

  async startContainer(
    request: cri.StartContainerRequest,
    { signal }: Call,
  ): Promise<cri.StartContainerResponse> {
    await this.#parts.containers.start(request.container_id, signal);
    return {};
  }

  async stopContainer(
    request: cri.StopContainerRequest,
    { signal }: Call,
  ): Promise<cri.StopContainerResponse> {
    const timeoutMs = Number(request.timeout) * millisecondsPerSecond;
    await this.#parts.containers.stop(request.container_id, timeoutMs, signal);
    return {};
  }

  async removeContainer(
    request: cri.RemoveContainerRequest,
    { signal }: Call,
  ): Promise<cri.RemoveContainerResponse> {
    await this.#parts.containers.remove(request.container_id, signal);
    return {};
  }

  listContainers(request: cri.ListContainersRequest): cri.ListContainersResponse {
    const { filter } = request;
    const containers = this.#parts.containers
      .list()
      .filter((record) => !filter || filter.id === "" || record.id.startsWith(filter.id))
      .filter(
        (record) =>
          !filter || filter.pod_sandbox_id === "" || record.sandboxId.startsWith(filter.pod_sandbox_id),
      )
      .filter((record) => !filter?.state || stateOfPhase[record.phase] === filter.state.state)
      .filter((record) => !filter || matchesLabels(record.config.labels, filter.label_selector));
    return { containers: containers.map(toContainer) };
  }

  async containerStatus(request: cri.ContainerStatusRequest): Promise<cri.ContainerStatusResponse> {
    const record = this.#parts.containers.require(request.container_id);
    const status = toContainerStatus(record, this.#parts.sandboxes.find(record.sandboxId));
    if (!request.verbose) return { status };
    const spec = await this.#parts.store.spec(record.id);
    const state = await this.#parts.driver.state(record);
    const pid = state && "pid" in state ? state.pid : 0;
    return {
      status,
      info: { info: JSON.stringify({ sandboxID: record.sandboxId, pid, runtimeSpec: spec }) },
    };
  }

  async updateContainerResources(
    request: cri.UpdateContainerResourcesRequest,
  ): Promise<cri.UpdateContainerResourcesResponse> {
    const { containers, driver, node, store } = this.#parts;
    const record = containers.require(request.container_id);
    if (!request.linux) return {};
    if (record.phase === "exited") {
      throw new BerthError(
        wrongState,
        `container ${record.config.metadata?.name} has ended; its resources cannot change`,
      );
    }
    const linux = { security_context: null, ...record.config.linux };
    const merged = mergeResources(linux.resources, request.linux);
    const spec = await store.spec(record.id);
    if (spec) {
      spec.linux.resources = { ...spec.linux.resources, ...specResources(merged, node) };
      await store.updateSpec(record.id, spec);
    }
    if (record.phase === "started") await driver.updateResources(record, specResources(request.linux, node));
    record.config.linux = { ...linux, resources: merged };
    await store.update(record);
    return {};
  }

  reopenContainerLog(request: cri.ReopenContainerLogRequest): cri.ReopenContainerLogResponse {
    const record = this.#parts.containers.requireRunning(request.container_id);
    this.#parts.logs.get(record.id)?.reopen();
    return {};
  }

  execSync(request: cri.ExecSyncRequest, call: Call): Promise<cri.ExecSyncResponse> {
    return runSync(this.#parts, request, call.signal);
  }

  exec(request: cri.ExecRequest): cri.ExecResponse {
    this.#parts.containers.requireRunning(request.container_id);
    if (request.tty && !this.#parts.driver.hasTerminals) {
      throw new BerthError(unsupported, "this runtime has no terminals yet: leave out -t");
    }
    const { streaming } = this.#parts;
    const open = () => openExec(this.#parts, request);
    return { url: streaming.offer({ kind: "exec", streams: streamsOf(request), open }) };
  }

  attach(request: cri.AttachRequest): cri.AttachResponse {
    this.#parts.containers.requireRunning(request.container_id);
    const { streaming } = this.#parts;
    const open = () => openAttach(this.#parts, request);
    return { url: streaming.offer({ kind: "attach", streams: streamsOf(request), open }) };
  }

  portForward(request: cri.PortForwardRequest): cri.PortForwardResponse {
    const { sandboxes, streaming } = this.#parts;
    const sandbox = sandboxes.require(request.pod_sandbox_id);
    if (!sandboxes.isReady(sandbox)) throw new BerthError(wrongState, `sandbox ${sandbox.id} is not ready`);
    return { url: streaming.offer({ kind: "portforward", dialer: podDialer(this.#parts, sandbox) }) };
  }

  getContainerEvents(_request: object, call: Call): AsyncIterable<cri.ContainerEventResponse> {
    return eventsOf(this.#parts, call.signal);
  }

  containerStats(request: cri.ContainerStatsRequest): Promise<cri.ContainerStatsResponse> {
    return this.#stats.containerStats(request.container_id);
  }

  listContainerStats(request: cri.ListContainerStatsRequest): Promise<cri.ListContainerStatsResponse> {
    return this.#stats.listContainerStats(request.filter);
  }

  podSandboxStats(request: cri.PodSandboxStatsRequest): Promise<cri.PodSandboxStatsResponse> {
    return this.#stats.podSandboxStats(request.pod_sandbox_id);
  }

  listPodSandboxStats(request: cri.ListPodSandboxStatsRequest): Promise<cri.ListPodSandboxStatsResponse> {
    return this.#stats.listPodSandboxStats(request.filter);
  }

  /** The pod network is the host's: a range given here is not used. */
  updateRuntimeConfig(): cri.UpdateRuntimeConfigResponse {
    return {};
  }

  runtimeConfig(): cri.RuntimeConfigResponse {
    return { linux: { cgroup_driver: "CGROUPFS" } };
  }

  #handler(name: string): string {
    const known = this.#parts.driver.handlers.map((handler) => handler.name);
    if (name === "") return known[0]!;
    if (known.includes(name)) return name;
    const near = nearestName(name, known);
    throw new BerthError(
      unsupported,
      `there is no runtime handler "${name}" here; there is ${known.join(", ")}${near ? `. Did you mean ${near}?` : ""}`,
    );
  }

  async #stopSandbox(record: SandboxRecord, signal: AbortSignal): Promise<void> {
    const { containers, sandboxes } = this.#parts;
    await Promise.all(containers.of(record.id).map(({ id }) => containers.stop(id, 0, signal)));
    await sandboxes.stop(record.id, signal);
  }

  async #removeSandbox(record: SandboxRecord, signal: AbortSignal): Promise<void> {
    const { containers, sandboxes } = this.#parts;
    await this.#stopSandbox(record, signal);
    await Promise.all(containers.of(record.id).map(({ id }) => containers.remove(id, signal)));
    await sandboxes.remove(record.id, signal);
  }
}

/** A terminal has one output for both. */
function streamsOf(request: { stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }): string[] {
  const asked = { stdin: request.stdin, stdout: request.stdout, stderr: request.stderr && !request.tty };
  return Object.entries(asked).flatMap(([name, isAsked]) => (isAsked ? [name] : []));
}
