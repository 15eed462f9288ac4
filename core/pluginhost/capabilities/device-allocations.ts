import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { AllocateRequest, ContainerDevices } from "../contracts/devices.ts";
import type { StillValid } from "./contract-adapter.ts";

/** One allocation as it is remembered: the answer that a repeated call gets. */
export interface AllocationRecord extends ContainerDevices {
  readonly podUid: string;
  /** "namespace/name". */
  readonly pod: string;
  readonly plugin: string;
  readonly madeBy: string;
}

/** Which device was given to which container, remembered until its pod gives it back. */
export class DeviceAllocations {
  readonly #records: Bucket<AllocationRecord>;

  constructor(records: Bucket<AllocationRecord>) {
    this.#records = records;
  }

  find(request: AllocateRequest): ContainerDevices | undefined {
    const known = this.#records.get(keyOf(request));
    return known && publicPart(known);
  }

  keep(request: AllocateRequest, record: AllocationRecord): ContainerDevices {
    this.#records.put(keyOf(request), record);
    return publicPart(record);
  }

  ofPod(podUid: string): ContainerDevices[] {
    return this.#records.entries(`${podUid}/`).map(([, record]) => publicPart(record));
  }

  /** Says whether the pod had any. */
  release(podUid: string): boolean {
    const keys = this.#records.keys(`${podUid}/`);
    for (const key of keys) this.#records.delete(key);
    return keys.length > 0;
  }

  /** Who has the devices of a resource: device to "namespace/pod". */
  holders(resource: string): Map<string, string> {
    const own = this.#select((record) => record.resource === resource);
    return new Map(own.flatMap(({ ids, pod }) => ids.map((id) => [id, pod] as const)));
  }

  /** Devices that a plugin gave out. */
  ofPlugin(plugin: string): StillValid[] {
    return this.#select((record) => record.plugin === plugin).flatMap(({ ids, pod, container }) =>
      ids.map((id) => ({ kind: "device", id, context: { pod, container } })),
    );
  }

  #select(condition: (record: AllocationRecord) => boolean): AllocationRecord[] {
    return this.#records
      .entries()
      .map(([, record]) => record)
      .filter(condition);
  }
}

function keyOf({ podUid, container, resource }: AllocateRequest): string {
  return `${podUid}/${container}/${resource}`;
}

function publicPart(record: AllocationRecord): ContainerDevices {
  const { container, resource, ids, envs, mounts, devices, annotations, cdiDevices } = record;
  return { container, resource, ids, envs, mounts, devices, annotations, cdiDevices };
}
