import { errorMessage } from "@berth/base";

import type { PersistentVolume, PersistentVolumeClaim } from "../api/index.ts";
import { isBound, provisionerAnnotation, selectedNodeAnnotation } from "../api/scheduling/volume-match.ts";
import type { Intent } from "../checkpoint/checkpoint.ts";
import { ApiError, type WorkQueue } from "../client/contracts.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../client/reconcile.ts";
import { clientOf, resources } from "../client/resources.ts";
import { VerbError } from "../pluginhost/contracts/index.ts";
import { readSecret } from "./read-secret.ts";
import { controllerOf, type VolumePart, type VolumeParts } from "./volume-parts.ts";
import { madeVolume, planVolume, type VolumePlan } from "./volume-request.ts";

const intentKind = "csi.createVolume";
/** After these the driver may still be making the volume; after any other it certainly is not. */
const undecided = new Set(["CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "ABORTED", "UNKNOWN"]);

/**
 * Makes the volumes that claims ask for. What is to be made is written down first: whatever kills us in between, the
 * next start asks the driver for the same name again, learns the same volume and gives it its object, so that it is
 * used by its claim, or deleted with it, but never forgotten.
 */
export class Provisioner implements VolumePart {
  readonly label = "volume provisioner";
  readonly #parts: VolumeParts;
  readonly #claims: WorkQueue<string>;
  readonly #unfinished: WorkQueue<string>;
  readonly #subscription;

  constructor(parts: VolumeParts) {
    this.#parts = parts;
    this.#claims = reconcileQueue(this.label, parts, (key) => this.#reconcile(key), { parallel: 4 });
    this.#unfinished = reconcileQueue("volume recovery", parts, (key) => this.#recover(key), { parallel: 4 });
    const { claims, storageClasses } = parts.informers;
    onEveryChange(claims, (claim, change) => {
      if (change !== "deleted") this.#add(claim);
    });
    onEveryChange(storageClasses, () => this.#retry());
    this.#subscription = parts.duties.onDidChange(() => {
      this.#retry();
      this.#retryUnfinished();
    });
  }

  start(): void {
    this.#retryUnfinished();
  }

  async dispose(): Promise<void> {
    await this.#subscription.dispose();
    await Promise.all([this.#claims.dispose(), this.#unfinished.dispose()]);
  }

  #retry(): void {
    for (const claim of this.#parts.informers.claims.list()) this.#add(claim);
  }

  #retryUnfinished(): void {
    for (const { key } of this.#parts.checkpoint.intents.unfinished(intentKind)) this.#unfinished.add(key);
  }

  #add(claim: PersistentVolumeClaim): void {
    const isOurs = claim.metadata.annotations?.[provisionerAnnotation] !== undefined;
    if (isOurs && !isBound(claim)) this.#claims.add(`${claim.metadata.namespace}/${claim.metadata.name}`);
  }

  async #reconcile(key: string): Promise<void> {
    const { informers, checkpoint, drivers, duties } = this.#parts;
    const { namespace, name } = splitKey(key);
    const claim = informers.claims.get(name, namespace);
    if (!claim || isBound(claim) || claim.metadata.deletionTimestamp || claim.spec.volumeName) return;
    const driverName = claim.metadata.annotations?.[provisionerAnnotation];
    const storageClass = informers.storageClasses.get(claim.spec.storageClassName ?? "");
    if (!storageClass || driverName === undefined || storageClass.provisioner !== driverName) return;
    const isLate = storageClass.volumeBindingMode === "WaitForFirstConsumer";
    if (isLate && !claim.metadata.annotations?.[selectedNodeAnnotation]) return;
    if (informers.volumes.get(`pvc-${claim.metadata.uid}`)) return;
    const found = controllerOf(drivers, driverName);
    if ("reason" in found) {
      // Where another node has the driver, that one says what there is to say.
      if (!this.#isElsewhere(driverName)) this.#event(claim, "Warning", "ProvisioningWaiting", found.reason);
      return;
    }
    if (!duties.makes(found.driver, claim)) return;
    if (!found.controller.capabilities.has("CREATE_DELETE_VOLUME")) {
      const message = `driver "${driverName}" makes no volumes; create a PersistentVolume for this claim`;
      return this.#event(claim, "Warning", "ProvisioningFailed", message);
    }
    let plan: VolumePlan;
    try {
      plan = planVolume(claim, storageClass, {
        name: driverName,
        pluginCapabilities: found.driver.pluginCapabilities,
        controllerCapabilities: found.controller.capabilities,
        topology: found.driver.topology,
      });
    } catch (error) {
      return this.#event(claim, "Warning", "ProvisioningFailed", errorMessage(error));
    }
    this.#event(claim, "Normal", "Provisioning", `driver "${driverName}" is asked for a volume`);
    await this.#make(checkpoint.intents.begin(intentKind, plan.claim.uid, plan));
  }

  #isElsewhere(driver: string): boolean {
    if (this.#parts.drivers.driver(driver)) return false;
    return this.#parts.informers.csiNodes
      .list()
      .some(({ spec }) => (spec.drivers ?? []).some(({ name }) => name === driver));
  }

  async #recover(uid: string): Promise<void> {
    const intent = this.#parts.checkpoint.intents
      .unfinished<VolumePlan>(intentKind)
      .find(({ key }) => key === uid);
    if (intent) await this.#make(intent);
  }

  /** Safe to repeat at any point. */
  async #make(intent: Intent<VolumePlan>): Promise<void> {
    const { payload: plan } = intent;
    const { api, drivers, informers } = this.#parts;
    const claim = informers.claims.get(plan.claim.name, plan.claim.namespace);
    const found = controllerOf(drivers, plan.driver);
    if ("reason" in found) return;
    try {
      const secrets = await readSecret(api, plan.secret);
      const { volume } = await found.controller.createVolume({ ...plan.request, secrets });
      if (!volume?.volume_id)
        throw new Error(`driver "${plan.driver}" answered CreateVolume without a volume id`);
      const made = madeVolume(plan, volume);
      const there = await this.#volumeOf(made);
      // Made on another node while this one was away: nobody would ever ask for ours.
      if (there.spec.csi?.volumeHandle !== volume.volume_id)
        await found.controller.deleteVolume({ volume_id: volume.volume_id, secrets });
      intent.complete();
      const message = `Successfully provisioned volume ${made.metadata.name}`;
      if (claim) this.#event(claim, "Normal", "ProvisioningSucceeded", message);
    } catch (error) {
      await this.#failed(intent, claim, error);
    }
  }

  /** The object of a volume, made unless it is there. */
  async #volumeOf(made: PersistentVolume): Promise<PersistentVolume> {
    const client = clientOf(this.#parts.api, resources.volumes);
    try {
      return await client.create(made);
    } catch (error) {
      if (!ApiError.is(error, "AlreadyExists")) throw error;
      return await client.get(made.metadata.name);
    }
  }

  async #failed(
    intent: Intent<VolumePlan>,
    claim: PersistentVolumeClaim | undefined,
    error: unknown,
  ): Promise<void> {
    const isDecided = error instanceof VerbError && !undecided.has(error.code);
    if (isDecided) intent.abandon();
    if (claim) {
      this.#event(claim, "Warning", "ProvisioningFailed", errorMessage(error));
      if (isDecided && error.code === "RESOURCE_EXHAUSTED") await this.#unselectNode(claim);
    }
    throw error;
  }

  /** No room beside this node: the scheduler may choose another. */
  async #unselectNode({ metadata }: PersistentVolumeClaim): Promise<void> {
    if (metadata.annotations?.[selectedNodeAnnotation] === undefined) return;
    const patch = { metadata: { annotations: { [selectedNodeAnnotation]: null } } };
    const scope = { namespace: metadata.namespace ?? "" };
    await unlessGone(clientOf(this.#parts.api, resources.claims).patch(metadata.name, "merge", patch, scope));
  }

  #event(claim: PersistentVolumeClaim, type: "Normal" | "Warning", reason: string, message: string): void {
    const about = { ...claim, apiVersion: "v1", kind: "PersistentVolumeClaim" };
    this.#parts.events.event(about, type, reason, message);
  }
}
