import type { PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/index.ts";
import type { ApiObject, ResourceClient, WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { claimsOf } from "../shared/cluster-informers.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";

const claimFinalizer = "kubernetes.io/pvc-protection";
const volumeFinalizer = "kubernetes.io/pv-protection";

/** Keeps claims that pods use, and volumes that are bound, from vanishing under them. */
export class ProtectionController implements Controller {
  readonly label = "storage protection controller";
  readonly #parts: ControllerParts;
  readonly #claims: WorkQueue<string>;
  readonly #volumes: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#claims = reconcileQueue("claim protection", parts, (key) => this.#reconcileClaim(key), {
      parallel: 4,
    });
    this.#volumes = reconcileQueue("volume protection", parts, (key) => this.#reconcileVolume(key), {
      parallel: 4,
    });
    const { claims, volumes, pods } = parts.informers;
    onEveryChange(claims, ({ metadata }, change) => {
      if (change !== "deleted") this.#claims.add(`${metadata.namespace}/${metadata.name}`);
    });
    onEveryChange(volumes, ({ metadata }, change) => {
      if (change !== "deleted") this.#volumes.add(metadata.name);
    });
    onEveryChange(pods, (pod, change) => {
      if (change === "deleted" || isOver(pod)) for (const key of claimsOf(pod)) this.#claims.add(key);
    });
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#claims.dispose(), this.#volumes.dispose()]);
  }

  async #reconcileClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.#parts.informers.claims.get(name, namespace);
    if (!claim) return;
    const client = clientOf(this.#parts.api, resources.claims);
    if (!claim.metadata.deletionTimestamp) return await addFinalizer(client, claim, claimFinalizer);
    if (this.#isUsed(key) || (await this.#isUsedNow(claim))) return;
    await removeFinalizer(client, claim, claimFinalizer);
  }

  async #reconcileVolume(name: string): Promise<void> {
    const volume = this.#parts.informers.volumes.get(name);
    if (!volume) return;
    const client = clientOf(this.#parts.api, resources.volumes);
    if (!volume.metadata.deletionTimestamp) return await addFinalizer(client, volume, volumeFinalizer);
    if (volume.status?.phase !== "Bound") await removeFinalizer(client, volume, volumeFinalizer);
    else if (!this.#hasClaim(volume)) await removeFinalizer(client, volume, volumeFinalizer);
  }

  #hasClaim({ spec }: PersistentVolume): boolean {
    const { name = "", namespace, uid } = spec.claimRef ?? {};
    return this.#parts.informers.claims.get(name, namespace)?.metadata.uid === uid;
  }

  #isUsed(key: string): boolean {
    return this.#parts.informers.pods.byIndex("claim", key).some((pod) => !isOver(pod));
  }

  /** Letting go is final, so the informer's word is not enough. */
  async #isUsedNow({ metadata: { name, namespace = "" } }: PersistentVolumeClaim): Promise<boolean> {
    const { items } = await clientOf(this.#parts.api, resources.pods).list({ namespace });
    return items.some((pod) => !isOver(pod) && claimsOf(pod).includes(`${namespace}/${name}`));
  }
}

/** A finished pod has given its volumes back, and one without a node never had them. */
function isOver({ metadata, spec, status }: Pod): boolean {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return true;
  return metadata.deletionTimestamp !== undefined && !spec.nodeName;
}

async function addFinalizer<T extends ApiObject>(
  client: ResourceClient<T>,
  object: T,
  name: string,
): Promise<void> {
  const { finalizers = [] } = object.metadata ?? {};
  if (!finalizers.includes(name)) await setFinalizers(client, object, [...finalizers, name]);
}

async function removeFinalizer<T extends ApiObject>(
  client: ResourceClient<T>,
  object: T,
  name: string,
): Promise<void> {
  const { finalizers = [] } = object.metadata ?? {};
  if (!finalizers.includes(name)) return;
  await setFinalizers(
    client,
    object,
    finalizers.filter((one) => one !== name),
  );
}

async function setFinalizers<T extends ApiObject>(
  client: ResourceClient<T>,
  { metadata }: T,
  finalizers: string[],
): Promise<void> {
  const { name = "", namespace, resourceVersion } = metadata ?? {};
  const patch = { metadata: { resourceVersion, finalizers } };
  await unlessGone(client.patch(name, "merge", patch, namespace === undefined ? {} : { namespace }));
}
