import {
  type ContainerdClient,
  type EncodedAny,
  ignoringNotFound,
  isContainerdError,
  jsonAny,
  jsonType,
  parseJsonAny,
} from "@berth/containerd";
import type { RuntimeSpec } from "@berth/oci";
import { KeyedLock } from "./keyed-lock.ts";
import type { ContainerRecord, SandboxRecord } from "./records.ts";

const kindLabel = "dev.berth.cri/kind";
const sandboxLabel = "dev.berth.cri/sandbox";
const recordKey = "dev.berth.cri/record";
const recordType = "berth.dev/cri/v1/Record";

/** Which runtime containerd starts for a container; for a sandbox without processes only a name. */
export interface RuntimeChoice {
  name: string;
  options?: EncodedAny;
}

/** The records of sandboxes and containers as containerd container objects: durable, listed and labelled there. */
export class RecordStore {
  readonly #containerd: ContainerdClient;
  readonly #lock = new KeyedLock();

  constructor(containerd: ContainerdClient) {
    this.#containerd = containerd;
  }

  async load(): Promise<{ sandboxes: SandboxRecord[]; containers: ContainerRecord[] }> {
    const { containers } = await this.#containerd.containers.list({ filters: [`labels."${kindLabel}"`] });
    const ofKind = (kind: string): unknown[] =>
      containers.flatMap((object) => {
        const record = parseJsonAny(object.extensions[recordKey]);
        return object.labels[kindLabel] === kind && record !== undefined ? [record] : [];
      });
    return {
      sandboxes: ofKind("sandbox") as SandboxRecord[],
      containers: ofKind("container") as ContainerRecord[],
    };
  }

  /** False when a record of this id is there already. */
  async createSandbox(record: SandboxRecord, runtime: RuntimeChoice): Promise<boolean> {
    return this.#create({
      id: record.id,
      labels: { [kindLabel]: "sandbox", [sandboxLabel]: record.id },
      runtime: { name: runtime.name, options: runtime.options ?? null },
      // containerd wants a specification; one without a process can never be started.
      spec: jsonAny(jsonType.spec, {}),
      extensions: { [recordKey]: jsonAny(recordType, record) },
    });
  }

  async createContainer(
    record: ContainerRecord,
    runtime: RuntimeChoice,
    spec: RuntimeSpec,
    snapshot: { snapshotter: string; key: string } | undefined,
  ): Promise<boolean> {
    return this.#create({
      id: record.id,
      labels: { [kindLabel]: "container", [sandboxLabel]: record.sandboxId },
      runtime: { name: runtime.name, options: runtime.options ?? null },
      image: record.imageName,
      spec: jsonAny(jsonType.spec, spec),
      extensions: { [recordKey]: jsonAny(recordType, record) },
      ...(snapshot && { snapshotter: snapshot.snapshotter, snapshot_key: snapshot.key }),
    });
  }

  /** Updates of one record happen in the order of the calls. */
  async update(record: SandboxRecord | ContainerRecord): Promise<void> {
    await this.#lock.run(record.id, () =>
      ignoringNotFound(
        this.#containerd.containers.update({
          container: { id: record.id, extensions: { [recordKey]: jsonAny(recordType, record) } },
          update_mask: { paths: [`extensions.${recordKey}`] },
        }),
      ),
    );
  }

  async updateSpec(id: string, spec: RuntimeSpec): Promise<void> {
    await this.#containerd.containers.update({
      container: { id, spec: jsonAny(jsonType.spec, spec) },
      update_mask: { paths: ["spec"] },
    });
  }

  async spec(id: string): Promise<RuntimeSpec | undefined> {
    const found = await ignoringNotFound(this.#containerd.containers.get({ id }));
    return parseJsonAny(found?.container?.spec) as RuntimeSpec | undefined;
  }

  async delete(id: string): Promise<void> {
    await ignoringNotFound(this.#containerd.containers.delete({ id }));
  }

  async #create(
    container: Parameters<ContainerdClient["containers"]["create"]>[0]["container"],
  ): Promise<boolean> {
    try {
      await this.#containerd.containers.create({ container });
      return true;
    } catch (error) {
      if (isContainerdError(error, "ALREADY_EXISTS")) return false;
      throw error;
    }
  }
}
