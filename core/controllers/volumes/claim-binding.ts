import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../api/index.ts";
import { isBound, isReservedFor } from "../../api/scheduling/volume-match.ts";

/** On claims: the binding is complete on both sides. */
export const bindCompletedAnnotation = "pv.kubernetes.io/bind-completed";
/** On both: the match was the controller's, not the user's, so it is undone with the claim. */
export const boundByControllerAnnotation = "pv.kubernetes.io/bound-by-controller";

const noProvisioner = "kubernetes.io/no-provisioner";
const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";

/** What a claim without a volume of its own is waiting for, as its event says it. */
export type Wait =
  | { readonly for: "consumer" }
  | { readonly for: "provisioner"; readonly driver: string }
  | { readonly for: "volume"; readonly message: string };

/** What has to happen to a claim now. */
export type ClaimStep =
  | { readonly kind: "none" }
  | { readonly kind: "bind"; readonly volume: PersistentVolume }
  | { readonly kind: "lost"; readonly message: string }
  | { readonly kind: "useClass"; readonly name: string }
  | { readonly kind: "wait"; readonly wait: Wait };

export interface ClaimSituation {
  readonly claim: PersistentVolumeClaim;
  /** The volume the claim names, if it names one and there is one. */
  readonly named: PersistentVolume | undefined;
  /** The best match among free and reserved volumes, for the selected node if there is one. */
  readonly match: PersistentVolume | undefined;
  readonly storageClass: StorageClass | undefined;
  readonly defaultClass: StorageClass | undefined;
  readonly hasSelectedNode: boolean;
}

export function nextClaimStep(situation: ClaimSituation): ClaimStep {
  const { claim, named, match } = situation;
  const name = claim.spec.volumeName;
  if (name) return stepWithNamed(claim, name, named);
  if (match && (isReservedFor(match, claim) || !waitsForConsumer(situation))) {
    return { kind: "bind", volume: match };
  }
  const { defaultClass } = situation;
  if (claim.spec.storageClassName === undefined && defaultClass) {
    return { kind: "useClass", name: defaultClass.metadata.name };
  }
  return { kind: "wait", wait: waitOf(situation) };
}

function stepWithNamed(
  claim: PersistentVolumeClaim,
  name: string,
  volume: PersistentVolume | undefined,
): ClaimStep {
  if (isBound(claim)) {
    if (!volume)
      return { kind: "lost", message: `Bound claim has lost its volume ${name}, which no longer exists` };
    return isReservedFor(volume, claim)
      ? { kind: "none" }
      : { kind: "lost", message: `Bound claim has lost its volume ${name}, which is bound to another claim` };
  }
  if (!volume) {
    return { kind: "wait", wait: { for: "volume", message: `volume "${name}" does not exist` } };
  }
  if (!volume.spec.claimRef || isReservedFor(volume, claim)) return { kind: "bind", volume };
  const holder = `${volume.spec.claimRef.namespace}/${volume.spec.claimRef.name}`;
  const message = `volume "${name}" is already bound to claim ${holder}`;
  return { kind: "wait", wait: { for: "volume", message } };
}

function waitsForConsumer({ storageClass, hasSelectedNode }: ClaimSituation): boolean {
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer" && !hasSelectedNode;
}

function waitOf(situation: ClaimSituation): Wait {
  const { claim, storageClass } = situation;
  const className = claim.spec.storageClassName ?? "";
  if (className === "") {
    const message = "no persistent volumes available for this claim and no storage class is set";
    return { for: "volume", message };
  }
  if (!storageClass)
    return { for: "volume", message: `storageclass.storage.k8s.io "${className}" not found` };
  if (waitsForConsumer(situation)) return { for: "consumer" };
  if (storageClass.provisioner === noProvisioner) {
    return { for: "volume", message: `no persistent volume of class "${className}" fits this claim` };
  }
  return { for: "provisioner", driver: storageClass.provisioner };
}

/** The newest of the classes marked as default. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  return classes
    .filter(({ metadata }) => metadata.annotations?.[defaultClassAnnotation] === "true")
    .toSorted((a, b) =>
      (a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? 1 : -1,
    )[0];
}
