import {
  type Clock,
  Emitter,
  errorMessage,
  exponentialBackoff,
  type Logger,
  pause,
  type Timer,
} from "@berth/base";
import { Lanes, services } from "@berth/verbs";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { AllocateRequest, ContainerDevices, DeviceResource, Devices } from "../contracts/plugin-host.ts";
import type { PluginLink } from "../call/plugin-link.ts";
import { type ConnectedPlugin, type ContractAdapter, counted, type StillValid } from "./contract-adapter.ts";
import { chooseDevices, type KnownDevice, shortage } from "./choose-devices.ts";

/** One allocation as it is remembered: the answer that a repeated call gets. */
export interface AllocationRecord extends ContainerDevices {
  readonly podUid: string;
  readonly pod: string;
  readonly plugin: string;
  readonly madeBy: string;
}

interface Endpoint {
  readonly plugin: string;
  readonly madeBy: string;
  readonly resource: string;
  readonly simulated: boolean;
  readonly client: ReturnType<typeof deviceClient>;
  readonly wantsPreference: boolean;
  readonly wantsPreStart: boolean;
  devices: readonly KnownDevice[];
  connected: boolean;
  readonly watching: AbortController;
  forgetting: Timer | undefined;
}

function deviceClient(link: PluginLink) {
  return link.client(services.device);
}

/** As long as the node remembers the capacity of an endpoint that went away. */
const forgetMs = 300_000;
const preStartMs = 30_000;

/** Devices of this node: what plugins advertise, who has which, and giving them out. */
export class NodeDevices implements ContractAdapter, Devices {
  readonly #allocations: Bucket<AllocationRecord>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #held = new Set<string>();
  readonly #turns = new Lanes();
  readonly #changed = new Emitter<void>();

  readonly onDidChange = this.#changed.event;

  constructor(parts: { allocations: Bucket<AllocationRecord>; clock: Clock; logger: Logger }) {
    this.#allocations = parts.allocations;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  list(): readonly DeviceResource[] {
    const resources = new Set([...this.#endpoints.values()].map(({ resource }) => resource));
    const inForce = [...resources].flatMap((resource) => this.#servers(resource).slice(0, 1));
    return inForce.map((endpoint) => {
      const holders = this.#holders(endpoint.resource);
      const healthy = endpoint.devices.filter((device) => device.health === "Healthy");
      return {
        name: endpoint.resource,
        plugin: endpoint.madeBy,
        simulated: endpoint.simulated,
        capacity: endpoint.devices.length,
        allocatable: endpoint.connected && !this.#held.has(endpoint.plugin) ? healthy.length : 0,
        devices: endpoint.devices.map(({ id, health }) => ({ id, health, allocatedTo: holders.get(id) })),
      };
    });
  }

  /** Nothing can be said of it before it connects. */
  expect(): void {}

  stillValid(plugin: string): { stillValid: StillValid[]; authoritative: boolean } {
    const own = this.#allocations.entries().filter(([, record]) => record.plugin === plugin);
    const stillValid = own.flatMap(([, record]) =>
      record.ids.map((id) => ({
        kind: "device",
        id,
        context: { pod: record.pod, container: record.container },
      })),
    );
    return { stillValid, authoritative: false };
  }

  async connect(plugin: ConnectedPlugin): Promise<readonly string[]> {
    const client = deviceClient(plugin.link);
    const resource = await resourceName(plugin);
    const options = await client.getDevicePluginOptions({});
    const other = this.#servers(resource).find(
      (one) => one.plugin !== plugin.name && one.connected && !this.#held.has(one.plugin),
    );
    // One may follow another; two in force at once would give out the same devices.
    if (other && !this.#held.has(plugin.name))
      throw new Error(`resource ${resource} is already served by plugin ${other.plugin}`);
    this.#drop(plugin.name);
    const endpoint: Endpoint = {
      plugin: plugin.name,
      madeBy: plugin.madeBy,
      resource,
      simulated: plugin.simulated,
      client,
      wantsPreference: options.get_preferred_allocation_available,
      wantsPreStart: options.pre_start_required,
      devices: [],
      connected: true,
      watching: new AbortController(),
      forgetting: undefined,
    };
    const first = Promise.withResolvers<void>();
    this.#endpoints.set(plugin.name, endpoint);
    void this.#watch(endpoint, first);
    await first.promise;
    return [`device:${resource}`];
  }

  disconnect(plugin: string): void {
    const endpoint = this.#endpoints.get(plugin);
    if (!endpoint) return;
    endpoint.watching.abort();
    endpoint.connected = false;
    endpoint.forgetting ??= this.#clock.after(forgetMs, () => this.forget(plugin), { background: true });
    this.#changed.fire();
  }

  hold(plugin: string, held: boolean): void {
    if (held === this.#held.has(plugin)) return;
    if (held) this.#held.add(plugin);
    else this.#held.delete(plugin);
    this.#changed.fire();
  }

  made(plugin: string): string {
    const own = this.#allocations.entries().filter(([, record]) => record.plugin === plugin);
    return counted(own.flatMap(([, { ids }]) => ids).length, "device", "devices");
  }

  forget(plugin: string): void {
    this.#drop(plugin);
    this.#held.delete(plugin);
    this.#changed.fire();
  }

  allocate(request: AllocateRequest): Promise<ContainerDevices> {
    const key = `${request.podUid}/${request.container}/${request.resource}`;
    // One at a time for each resource: two pods must not be given the same device.
    return this.#turns.run(
      request.resource,
      { verb: "allocate", identity: undefined },
      undefined,
      async () => {
        const known = this.#allocations.get(key);
        return publicPart(known ?? (await this.#allocate(key, request)));
      },
    );
  }

  allocated(podUid: string): readonly ContainerDevices[] {
    return this.#allocations.entries(`${podUid}/`).map(([, record]) => publicPart(record));
  }

  release(podUid: string): void {
    const keys = this.#allocations.keys(`${podUid}/`);
    for (const key of keys) this.#allocations.delete(key);
    if (keys.length > 0) this.#changed.fire();
  }

  async #allocate(key: string, request: AllocateRequest): Promise<AllocationRecord> {
    const [endpoint] = this.#servers(request.resource);
    if (endpoint && this.#held.has(endpoint.plugin))
      throw new Error(
        `plugin ${endpoint.plugin}, which provides ${request.resource}, is being replaced and gives out nothing new`,
      );
    const holders = this.#holders(request.resource);
    const lack = shortage(request, endpoint, holders);
    if (lack !== undefined || !endpoint) throw new Error(lack);
    const free = endpoint.devices.filter(({ id, health }) => health === "Healthy" && !holders.has(id));
    const preferred = await this.#preferred(endpoint, free, request.count);
    const ids = chooseDevices(free, preferred, request.count);
    const answer = await endpoint.client.allocate({ container_requests: [{ devices_ids: ids }] });
    const [given] = answer.container_responses;
    if (!given)
      throw new Error(`plugin ${endpoint.plugin} allocated ${request.resource} without an answer for it`);
    if (endpoint.wantsPreStart) {
      await endpoint.client.preStartContainer({ devices_ids: ids }, { deadlineMs: preStartMs });
    }
    const record: AllocationRecord = {
      podUid: request.podUid,
      pod: `${request.podNamespace}/${request.podName}`,
      plugin: endpoint.plugin,
      madeBy: endpoint.madeBy,
      container: request.container,
      resource: request.resource,
      ids,
      envs: given.envs,
      mounts: given.mounts.map((mount) => ({
        containerPath: mount.container_path,
        hostPath: mount.host_path,
        readOnly: mount.read_only,
      })),
      devices: given.devices.map((device) => ({
        containerPath: device.container_path,
        hostPath: device.host_path,
        permissions: device.permissions,
      })),
      annotations: given.annotations,
      cdiDevices: given.cdi_devices.map(({ name }) => name),
    };
    this.#allocations.put(key, record);
    this.#changed.fire();
    return record;
  }

  /** Who serves a resource; who is in force comes first. */
  #servers(resource: string): Endpoint[] {
    const all = [...this.#endpoints.values()].filter((one) => one.resource === resource);
    return all.toSorted((a, b) => Number(this.#held.has(a.plugin)) - Number(this.#held.has(b.plugin)));
  }

  async #preferred(
    endpoint: Endpoint,
    free: readonly KnownDevice[],
    size: number,
  ): Promise<readonly string[]> {
    if (!endpoint.wantsPreference) return [];
    const { container_responses } = await endpoint.client.getPreferredAllocation({
      container_requests: [
        { available_deviceIDs: free.map(({ id }) => id), must_include_deviceIDs: [], allocation_size: size },
      ],
    });
    return container_responses[0]?.deviceIDs ?? [];
  }

  /** The list comes again and again; when the stream ends while the plugin serves, it is opened again. */
  async #watch(endpoint: Endpoint, first: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = endpoint.watching;
    const backoff = exponentialBackoff({ baseMs: 50, capMs: 5000 });
    while (!signal.aborted) {
      try {
        for await (const { devices } of endpoint.client.listAndWatch({}, { signal })) {
          backoff.reset();
          endpoint.devices = devices.map((device) => ({
            id: device.ID,
            health: device.health,
            numa: (device.topology?.nodes ?? []).map((node) => Number(node.ID)),
          }));
          first.resolve();
          this.#changed.fire();
        }
      } catch (error) {
        first.reject(error);
        if (!signal.aborted) {
          this.#logger.warn("device list ended", { resource: endpoint.resource, error: errorMessage(error) });
        }
      }
      await pause(this.#clock, backoff.next(), signal);
    }
    first.reject(new Error("the plugin stopped serving before it listed its devices"));
  }

  #drop(plugin: string): void {
    const endpoint = this.#endpoints.get(plugin);
    endpoint?.watching.abort();
    endpoint?.forgetting?.cancel();
    this.#endpoints.delete(plugin);
  }

  /** Device to "namespace/pod". */
  #holders(resource: string): Map<string, string> {
    const own = this.#allocations.entries().filter(([, record]) => record.resource === resource);
    return new Map(own.flatMap(([, record]) => record.ids.map((id): [string, string] => [id, record.pod])));
  }
}

/** A managed plugin says it in its facts, as an upstream one does in its registration. */
async function resourceName(plugin: ConnectedPlugin): Promise<string> {
  const fact = plugin.facts["resource"];
  if (fact) return fact;
  const registration = plugin.link.client(services.registration);
  const { name } = await registration.getInfo({});
  return name;
}

function publicPart(record: AllocationRecord): ContainerDevices {
  const { container, resource, ids, envs, mounts, devices, annotations, cdiDevices } = record;
  return { container, resource, ids, envs, mounts, devices, annotations, cdiDevices };
}
