import type { PersistentVolume, PersistentVolumeClaim } from "../../api/index.ts";
import {
  matchVolume,
  provisionerAnnotation,
  selectedNodeAnnotation,
} from "../../api/scheduling/volume-match.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { claimsOf } from "../shared/cluster-informers.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import {
  bindCompletedAnnotation,
  boundByControllerAnnotation,
  defaultClass,
  nextClaimStep,
  type Wait,
} from "./claim-binding.ts";

/** Binds claims to volumes, asks provisioners for the missing ones and says what a claim is waiting for. */
export class ClaimController implements Controller {
  readonly label = "claim controller";
  readonly #parts: ControllerParts;
  /** One worker: two claims must not take the same volume. */
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key));
    const { claims, volumes, storageClasses, pods } = parts.informers;
    onEveryChange(claims, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    });
    onEveryChange(volumes, ({ spec }, change) => {
      if (spec.claimRef) this.#queue.add(`${spec.claimRef.namespace}/${spec.claimRef.name}`);
      else if (change !== "deleted") this.#retryUnbound();
    });
    // Only what a claim tells of its wait depends on pods.
    pods.onDidAdd((pod) => {
      if (!pod.spec.nodeName) for (const claim of claimsOf(pod)) this.#queue.add(claim);
    });
    onEveryChange(storageClasses, () => this.#retryUnbound());
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  #retryUnbound(): void {
    for (const { metadata, status } of this.#parts.informers.claims.list()) {
      if (status?.phase !== "Bound") this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    }
  }

  async #reconcile(key: string): Promise<void> {
    const { claims, volumes, storageClasses, nodes } = this.#parts.informers;
    const { namespace, name } = splitKey(key);
    const claim = claims.get(name, namespace);
    if (!claim || claim.metadata.deletionTimestamp) return;
    const { volumeName, storageClassName } = claim.spec;
    const selected = claim.metadata.annotations?.[selectedNodeAnnotation];
    const node = selected === undefined ? undefined : nodes.get(selected);
    const step = nextClaimStep({
      claim,
      named: volumeName ? volumes.get(volumeName) : undefined,
      match: volumeName ? undefined : matchVolume(claim, volumes.list(), node),
      storageClass: storageClasses.get(storageClassName ?? ""),
      defaultClass: defaultClass(storageClasses.list()),
      hasSelectedNode: selected !== undefined,
    });
    if (step.kind === "bind") await this.#bind(claim, step.volume);
    else if (step.kind === "lost") await this.#lose(claim, step.message);
    else if (step.kind === "useClass") await this.#patch(claim, { spec: { storageClassName: step.name } });
    else if (step.kind === "wait") await this.#wait(claim, step.wait);
  }

  /** The volume first: who crashes in between finds it reserved for the claim and goes on. */
  async #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { api } = this.#parts;
    const { name, namespace, uid, resourceVersion, annotations } = claim.metadata;
    if (volume.spec.claimRef?.uid !== uid) {
      const isOwnChoice = volume.spec.claimRef === undefined;
      await clientOf(api, resources.volumes).patch(volume.metadata.name, "merge", {
        metadata: {
          resourceVersion: volume.metadata.resourceVersion,
          ...(isOwnChoice && { annotations: { [boundByControllerAnnotation]: "yes" } }),
        },
        spec: {
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            name,
            namespace,
            uid,
            resourceVersion,
          },
        },
      });
    }
    if (claim.spec.volumeName !== volume.metadata.name || !annotations?.[bindCompletedAnnotation]) {
      await this.#patch(claim, {
        metadata: {
          annotations: {
            [bindCompletedAnnotation]: "yes",
            ...(!claim.spec.volumeName && { [boundByControllerAnnotation]: "yes" }),
          },
        },
        spec: { volumeName: volume.metadata.name },
      });
    }
    const { accessModes, capacity } = volume.spec;
    await this.#patch(claim, { status: { phase: "Bound", accessModes, capacity } }, "status");
  }

  async #lose(claim: PersistentVolumeClaim, message: string): Promise<void> {
    if (claim.status?.phase === "Lost") return;
    this.#event(claim, "Warning", "ClaimLost", message);
    await this.#patch(claim, { status: { phase: "Lost" } }, "status");
  }

  async #wait(claim: PersistentVolumeClaim, wait: Wait): Promise<void> {
    if (claim.status?.phase !== "Pending")
      await this.#patch(claim, { status: { phase: "Pending" } }, "status");
    if (wait.for === "consumer") return this.#waitForConsumer(claim);
    if (wait.for === "volume") return this.#event(claim, "Warning", "FailedBinding", wait.message);
    if (claim.metadata.annotations?.[provisionerAnnotation] === wait.driver) return;
    await this.#patch(claim, { metadata: { annotations: { [provisionerAnnotation]: wait.driver } } });
    const message = `waiting for a volume to be created by the driver '${wait.driver}'`;
    this.#event(claim, "Normal", "ExternalProvisioning", message);
  }

  /** The events of its pods say why they are not scheduled: that no plugin offers the driver, for one. */
  #waitForConsumer(claim: PersistentVolumeClaim): void {
    const { namespace, name } = claim.metadata;
    const pods = this.#parts.informers.pods
      .byIndex("claim", `${namespace}/${name}`)
      .filter(({ spec }) => !spec.nodeName)
      .map(({ metadata }) => metadata.name);
    if (pods.length === 0) {
      const message = "waiting for first consumer to be created before binding";
      return this.#event(claim, "Normal", "WaitForFirstConsumer", message);
    }
    const message = `waiting for pod${pods.length > 1 ? "s" : ""} ${pods.join(",")} to be scheduled`;
    this.#event(claim, "Normal", "WaitForPodScheduled", message);
  }

  #event(claim: PersistentVolumeClaim, type: "Normal" | "Warning", reason: string, message: string): void {
    const about = { ...claim, apiVersion: "v1", kind: "PersistentVolumeClaim" };
    this.#parts.events.event(about, type, reason, message);
  }

  async #patch(claim: PersistentVolumeClaim, patch: unknown, subresource?: "status"): Promise<void> {
    const { name, namespace = "" } = claim.metadata;
    const client = clientOf(this.#parts.api, resources.claims);
    await unlessGone(client.patch(name, "merge", patch, { namespace, ...(subresource && { subresource }) }));
  }
}
