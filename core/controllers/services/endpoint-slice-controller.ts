import { deepEqual, type EndpointSlice, type Pod, type Service } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { serviceLabel, wantedSlices } from "./endpoint-slices.ts";

/** Keeps where the pods of each service are. */
export class EndpointSliceController implements Controller {
  readonly label = "endpoint slice controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key), { parallel: 4 });
    const { services, pods, endpointSlices } = parts.informers;
    onEveryChange(services, ({ metadata }) => this.#queue.add(`${metadata.namespace}/${metadata.name}`));
    onEveryChange(pods, (pod, _, old) => {
      this.#wakeServicesOf(pod);
      if (old && !deepEqual(old.metadata.labels, pod.metadata.labels)) this.#wakeServicesOf(old);
    });
    onEveryChange(endpointSlices, ({ metadata }) => {
      const service = metadata.labels?.[serviceLabel];
      if (service) this.#queue.add(`${metadata.namespace}/${service}`);
    });
  }

  /** Pods may have been told of before their services. */
  start(): void {
    for (const { metadata } of this.#parts.informers.services.list()) {
      this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    }
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  #wakeServicesOf(pod: Pod): void {
    for (const service of this.#parts.informers.services.list(pod.metadata.namespace)) {
      if (selects(service, pod)) this.#queue.add(`${service.metadata.namespace}/${service.metadata.name}`);
    }
  }

  async #reconcile(key: string): Promise<void> {
    const { informers, api } = this.#parts;
    const { namespace, name } = splitKey(key);
    const service = informers.services.get(name, namespace);
    const isOurs = service && !service.metadata.deletionTimestamp && service.spec.selector;
    const pods = isOurs ? informers.pods.list(namespace).filter((pod) => selects(service, pod)) : [];
    const wanted = isOurs ? wantedSlices(service, pods) : [];
    const known = informers.endpointSlices
      .list(namespace)
      .filter(({ metadata }) => metadata.labels?.[serviceLabel] === name);
    const client = clientOf(api, resources.endpointSlices);
    for (const slice of wanted) {
      const there = known.find(({ metadata }) => metadata.name === slice.metadata.name);
      if (!there) await client.create(slice, { namespace });
      else if (!isSame(there, slice)) {
        const { resourceVersion } = there.metadata;
        await client.update(
          { ...slice, metadata: { ...slice.metadata, ...(resourceVersion && { resourceVersion }) } },
          { namespace },
        );
      }
    }
    for (const { metadata } of known) {
      const isWanted = wanted.some((slice) => slice.metadata.name === metadata.name);
      if (!isWanted) await unlessGone(client.delete(metadata.name, { namespace }));
    }
  }
}

function selects({ spec }: Service, { metadata }: Pod): boolean {
  const selector = Object.entries(spec.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => metadata.labels?.[key] === value);
}

function isSame(a: EndpointSlice, b: EndpointSlice): boolean {
  const parts = ({ addressType, endpoints, ports, metadata }: EndpointSlice): unknown[] => [
    addressType,
    endpoints ?? [],
    ports ?? [],
    metadata.labels,
  ];
  return deepEqual(parts(a), parts(b));
}
