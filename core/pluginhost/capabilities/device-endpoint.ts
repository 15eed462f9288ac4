import { type Clock, errorMessage, exponentialBackoff, type Logger, pause } from "@berth/base";
import { services } from "@berth/verbs";
import type { ContainerDevices } from "../contracts/devices.ts";
import type { KnownDevice } from "./choose-devices.ts";
import type { ConnectedPlugin } from "./contract-adapter.ts";

export interface DeviceEndpointParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** It has listed its devices anew. */
  readonly onList: () => void;
}

/** What a container needs for the devices that were chosen for it. */
export type GivenDevices = Pick<
  ContainerDevices,
  "envs" | "mounts" | "devices" | "annotations" | "cdiDevices"
>;

const preStartMs = 30_000;

/** One device plugin as this node talks to it: the devices it lists, for as long as it is not closed, and what it gives. */
export class DeviceEndpoint {
  readonly plugin: string;
  readonly madeBy: string;
  readonly simulated: boolean;
  readonly resource: string;
  readonly #client;
  readonly #wants: { readonly preference: boolean; readonly preStart: boolean };
  readonly #closed = new AbortController();
  readonly #parts: DeviceEndpointParts;
  #devices: readonly KnownDevice[] = [];

  private constructor(
    plugin: ConnectedPlugin,
    parts: DeviceEndpointParts,
    said: { resource: string; wants: { preference: boolean; preStart: boolean } },
  ) {
    this.plugin = plugin.name;
    this.madeBy = plugin.madeBy;
    this.simulated = plugin.simulated;
    this.resource = said.resource;
    this.#wants = said.wants;
    this.#client = plugin.link.client(services.device);
    this.#parts = parts;
  }

  /** Asks the plugin what it is; its devices are listed once {@link list} is called. */
  static async meet(plugin: ConnectedPlugin, parts: DeviceEndpointParts): Promise<DeviceEndpoint> {
    const resource = await resourceName(plugin);
    const options = await plugin.link.client(services.device).getDevicePluginOptions({});
    const wants = {
      preference: options.get_preferred_allocation_available,
      preStart: options.pre_start_required,
    };
    return new DeviceEndpoint(plugin, parts, { resource, wants });
  }

  /** As it listed them last. */
  get devices(): readonly KnownDevice[] {
    return this.#devices;
  }

  get connected(): boolean {
    return !this.#closed.signal.aborted;
  }

  /** Follows its list from now on. Resolves with the first one. */
  list(): Promise<void> {
    const first = Promise.withResolvers<void>();
    void this.#follow(first);
    return first.promise;
  }

  /** What it listed last stays known. */
  close(): void {
    this.#closed.abort();
  }

  /** Which of the free ones it would rather give; none where it does not care. */
  async preferred(free: readonly KnownDevice[], size: number): Promise<readonly string[]> {
    if (!this.#wants.preference) return [];
    const { container_responses } = await this.#client.getPreferredAllocation({
      container_requests: [
        { available_deviceIDs: free.map(({ id }) => id), must_include_deviceIDs: [], allocation_size: size },
      ],
    });
    return container_responses[0]?.deviceIDs ?? [];
  }

  /** Has it prepare these devices for one container. */
  async give(ids: readonly string[]): Promise<GivenDevices> {
    const answer = await this.#client.allocate({ container_requests: [{ devices_ids: [...ids] }] });
    const [given] = answer.container_responses;
    if (!given) throw new Error(`plugin ${this.plugin} allocated ${this.resource} without an answer for it`);
    if (this.#wants.preStart)
      await this.#client.preStartContainer({ devices_ids: [...ids] }, { deadlineMs: preStartMs });
    return {
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
  }

  /** The list comes again and again; when the stream ends while the plugin serves, it is opened again. */
  async #follow(first: PromiseWithResolvers<void>): Promise<void> {
    const { clock, logger, onList } = this.#parts;
    const { signal } = this.#closed;
    const backoff = exponentialBackoff({ baseMs: 50, capMs: 5000 });
    while (!signal.aborted) {
      try {
        for await (const { devices } of this.#client.listAndWatch({}, { signal })) {
          backoff.reset();
          this.#devices = devices.map((device) => ({
            id: device.ID,
            health: device.health,
            numa: (device.topology?.nodes ?? []).map((node) => Number(node.ID)),
          }));
          first.resolve();
          onList();
        }
      } catch (error) {
        first.reject(error);
        if (!signal.aborted)
          logger.warn("device list ended", { resource: this.resource, error: errorMessage(error) });
      }
      await pause(clock, backoff.next(), signal);
    }
    first.reject(new Error("the plugin stopped serving before it listed its devices"));
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
