import { Emitter } from "@berth/base";

import { type CsiDriver, type CsiDrivers, VerbError } from "../../core/pluginhost/contracts/index.ts";

/** A driver in memory: volumes by id, with the answers a real one would give. */
export class FakeCsiDriver {
  readonly volumes = new Map<string, { name: string; bytes: string }>();
  /** Volume id and node id. */
  readonly published = new Set<string>();
  readonly calls: string[] = [];
  readonly name: string;
  ready = true;
  /** Thrown after the effect of the next call of this verb: an answer that got lost. */
  loseAnswerOf: string | undefined;
  failWith: { verb: string; code: string; detail: string } | undefined;
  readonly #capabilities: ReadonlySet<string>;
  readonly #topology: Readonly<Record<string, string>>;

  /** @param topology where volumes can be reached; everywhere when it is empty */
  constructor(name: string, capabilities = ["CREATE_DELETE_VOLUME", "EXPAND_VOLUME"], topology = {}) {
    this.name = name;
    this.#topology = topology;
    this.#capabilities = new Set(capabilities);
  }

  view(): CsiDriver {
    const { name, ready } = this;
    const controller = {
      capabilities: this.#capabilities,
      createVolume: this.#verb("CreateVolume", (request: { name?: string; capacity_range?: unknown }) => {
        const known = [...this.volumes].find(([, volume]) => volume.name === request.name);
        const bytes = (request.capacity_range as { required_bytes: string }).required_bytes;
        const id = known?.[0] ?? `vol-${this.volumes.size + 1}`;
        this.volumes.set(id, { name: request.name ?? "", bytes });
        return {
          volume: {
            volume_id: id,
            capacity_bytes: bytes,
            volume_context: {},
            content_source: null,
            accessible_topology: [{ segments: this.#topology }],
          },
        };
      }),
      deleteVolume: this.#verb("DeleteVolume", (request: { volume_id?: string }) => {
        this.volumes.delete(request.volume_id ?? "");
        return {};
      }),
      controllerExpandVolume: this.#verb(
        "ControllerExpandVolume",
        (request: { capacity_range?: unknown }) => ({
          capacity_bytes: (request.capacity_range as { required_bytes: string }).required_bytes,
          node_expansion_required: false,
        }),
      ),
      controllerPublishVolume: this.#verb(
        "ControllerPublishVolume",
        (request: { volume_id?: string; node_id?: string }) => {
          this.published.add(`${request.volume_id} ${request.node_id}`);
          return { publish_context: { device: "/dev/fake" } };
        },
      ),
      controllerUnpublishVolume: this.#verb(
        "ControllerUnpublishVolume",
        (request: { volume_id?: string; node_id?: string }) => {
          this.published.delete(`${request.volume_id} ${request.node_id}`);
          return {};
        },
      ),
    };
    return {
      name,
      plugin: "fake@1",
      ready,
      nodeId: "node-id",
      topology: this.#topology,
      maxVolumesPerNode: 0,
      nodeCapabilities: new Set<string>(),
      pluginCapabilities: new Set(["CONTROLLER_SERVICE"]),
      node: {},
      controller,
    } as unknown as CsiDriver;
  }

  #verb<Request, Response>(
    verb: string,
    work: (request: Request) => Response,
  ): (request: Request) => Promise<Response> {
    return async (request) => {
      this.calls.push(verb);
      const failure = this.failWith;
      if (failure?.verb === verb) {
        throw new VerbError(`${this.name}: ${verb}`, failure.code, failure.detail, { retryable: false });
      }
      const response = work(request);
      if (this.loseAnswerOf === verb) {
        this.loseAnswerOf = undefined;
        throw new VerbError(`${this.name}: ${verb}`, "UNAVAILABLE", "the connection broke", {
          retryable: true,
        });
      }
      return response;
    };
  }
}

/** The drivers of a pretended node. */
export class FakeCsiDrivers implements CsiDrivers {
  readonly #drivers = new Map<string, FakeCsiDriver>();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  add(driver: FakeCsiDriver): void {
    this.#drivers.set(driver.name, driver);
    this.changed();
  }

  changed(): void {
    this.#changed.fire();
  }

  driver(name: string): CsiDriver | undefined {
    return this.#drivers.get(name)?.view();
  }

  list(): readonly CsiDriver[] {
    return [...this.#drivers.values()].map((driver) => driver.view());
  }
}
