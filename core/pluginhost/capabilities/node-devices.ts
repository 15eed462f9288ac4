import { type Clock, Emitter, type Logger, type Timer } from "@berth/base";
import { Lanes } from "@berth/verbs";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { AllocateRequest, ContainerDevices, DeviceResource, Devices } from "../contracts/devices.ts";
import { chooseDevices, shortage } from "./choose-devices.ts";
import { type ConnectedPlugin, type ContractAdapter, counted, type StillValid } from "./contract-adapter.ts";
import { type AllocationRecord, DeviceAllocations } from "./device-allocations.ts";
import { DeviceEndpoint } from "./device-endpoint.ts";

/** As long as the node remembers the capacity of an endpoint that went away. */
const forgetMs = 300_000;

/** Devices of this node: what its plugins list, and giving them out. */
export class NodeDevices implements ContractAdapter, Devices {
  readonly #allocations: DeviceAllocations;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By plugin; those that are closed are remembered for a while. */
  readonly #endpoints = new Map<string, DeviceEndpoint>();
  readonly #forgetting = new Map<string, Timer>();
  readonly #held = new Set<string>();
  readonly #turns = new Lanes();
  readonly #changed = new Emitter<void>();

  readonly onDidChange = this.#changed.event;

  constructor(parts: { allocations: Bucket<AllocationRecord>; clock: Clock; logger: Logger }) {
    this.#allocations = new DeviceAllocations(parts.allocations);
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  list(): readonly DeviceResource[] {
    const resources = new Set([...this.#endpoints.values()].map(({ resource }) => resource));
    const inForce = [...resources].flatMap((resource) => this.#servers(resource).slice(0, 1));
    return inForce.map((endpoint) => {
      const holders = this.#allocations.holders(endpoint.resource);
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
    return { stillValid: this.#allocations.ofPlugin(plugin), authoritative: false };
  }

  async connect(plugin: ConnectedPlugin): Promise<readonly string[]> {
    const endpoint = await DeviceEndpoint.meet(plugin, {
      clock: this.#clock,
      logger: this.#logger,
      onList: () => this.#changed.fire(),
    });
    const { resource } = endpoint;
    const other = this.#servers(resource).find(
      (one) => one.plugin !== plugin.name && one.connected && !this.#held.has(one.plugin),
    );
    // One may follow another; two in force at once would give out the same devices.
    if (other && !this.#held.has(plugin.name))
      throw new Error(`resource ${resource} is already served by plugin ${other.plugin}`);
    this.#drop(plugin.name);
    this.#endpoints.set(plugin.name, endpoint);
    await endpoint.list();
    return [`device:${resource}`];
  }

  disconnect(plugin: string): void {
    const endpoint = this.#endpoints.get(plugin);
    if (!endpoint) return;
    endpoint.close();
    if (!this.#forgetting.has(plugin)) {
      const timer = this.#clock.after(forgetMs, () => this.forget(plugin), { background: true });
      this.#forgetting.set(plugin, timer);
    }
    this.#changed.fire();
  }

  hold(plugin: string, held: boolean): void {
    if (held === this.#held.has(plugin)) return;
    if (held) this.#held.add(plugin);
    else this.#held.delete(plugin);
    this.#changed.fire();
  }

  made(plugin: string): string {
    return counted(this.#allocations.ofPlugin(plugin).length, "device", "devices");
  }

  forget(plugin: string): void {
    this.#drop(plugin);
    this.#held.delete(plugin);
    this.#changed.fire();
  }

  allocate(request: AllocateRequest): Promise<ContainerDevices> {
    // One at a time for each resource: two pods must not be given the same device.
    return this.#turns.run(
      request.resource,
      { verb: "allocate", identity: undefined },
      undefined,
      async () => this.#allocations.find(request) ?? (await this.#allocate(request)),
    );
  }

  allocated(podUid: string): readonly ContainerDevices[] {
    return this.#allocations.ofPod(podUid);
  }

  release(podUid: string): void {
    if (this.#allocations.release(podUid)) this.#changed.fire();
  }

  async #allocate(request: AllocateRequest): Promise<ContainerDevices> {
    const { podUid, podNamespace, podName, container, resource, count } = request;
    const [endpoint] = this.#servers(resource);
    if (endpoint && this.#held.has(endpoint.plugin))
      throw new Error(
        `plugin ${endpoint.plugin}, which provides ${resource}, is being replaced and gives out nothing new`,
      );
    const holders = this.#allocations.holders(resource);
    const lack = shortage(request, endpoint, holders);
    if (lack !== undefined || !endpoint) throw new Error(lack);
    const free = endpoint.devices.filter(({ id, health }) => health === "Healthy" && !holders.has(id));
    const ids = chooseDevices(free, await endpoint.preferred(free, count), count);
    const given = await endpoint.give(ids);
    const { plugin, madeBy } = endpoint;
    const pod = `${podNamespace}/${podName}`;
    const record = { ...given, podUid, pod, plugin, madeBy, container, resource, ids };
    const kept = this.#allocations.keep(request, record);
    this.#changed.fire();
    return kept;
  }

  /** Who serves a resource; who is in force comes first. */
  #servers(resource: string): DeviceEndpoint[] {
    const all = [...this.#endpoints.values()].filter((one) => one.resource === resource);
    return all.toSorted((a, b) => Number(this.#held.has(a.plugin)) - Number(this.#held.has(b.plugin)));
  }

  #drop(plugin: string): void {
    this.#endpoints.get(plugin)?.close();
    this.#endpoints.delete(plugin);
    this.#forgetting.get(plugin)?.cancel();
    this.#forgetting.delete(plugin);
  }
}
