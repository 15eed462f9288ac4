import type {
  NodeSelectorTerm,
  ObjectMeta,
  PodAffinity,
  PodSpec,
  PodTemplateSpec,
  Volume,
} from "../generated/types.ts";
import { type FieldPath, rootPath } from "../errors/field-path.ts";
import { quantityMilliValue } from "../quantity/quantity.ts";
import { containerWarnings, portWarnings } from "./container-warnings.ts";

const quoted = (text: string): string => JSON.stringify(text);

const oldLabels: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region":
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone":
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type":
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods":
    "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

const oldAnnotations: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod":
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};
const oldSeccomp = "seccomp.security.alpha.kubernetes.io/pod";

const oldVolumes: readonly (readonly [source: keyof Volume, sentence: string, told?: string])[] = [
  ["photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "deprecated in v1.22, non-functional in v1.25+", "storageOS"],
  ["quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

const matchesNothing = "a null labelSelector results in matching no pod";

/** What is taken of a pod or of a template, and will hardly do what its author meant; `at` is where the template stands. */
export function podWarnings({ spec, metadata = {} }: PodTemplateSpec, at: FieldPath = rootPath): string[] {
  if (!spec) return [];
  const told: string[] = [];
  const tell = (where: FieldPath, sentence: string): void =>
    void told.push(`${where.toString()}: ${sentence}`);
  const here = at.child("spec");
  nodeWarnings(spec, here, tell);
  annotationWarnings(metadata, at.child("metadata", "annotations"), tell);
  for (const [index, volume] of (spec.volumes ?? []).entries())
    for (const [source, sentence, name = source] of oldVolumes)
      if (volume[source] !== undefined) tell(here.child("volumes").at(index).child(name), sentence);
  for (const { name, projected } of spec.volumes ?? [])
    if (projected?.sources?.some((source) => Object.keys(source).length === 0))
      told.push(`volume ${quoted(name)} (Projected) has no sources provided`);
  repeatWarnings(spec, here, tell);
  for (const resource of ["memory", "ephemeral-storage"]) {
    const amount = spec.overhead?.[resource];
    if (amount !== undefined && quantityMilliValue(amount) % 1000 !== 0)
      tell(
        here.child("overhead").at(resource),
        `fractional byte value ${quoted(amount)} is invalid, must be an integer`,
      );
  }
  if (!spec.securityContext?.seccompProfile && metadata.annotations?.[oldSeccomp] !== undefined)
    tell(
      at.child("metadata", "annotations").at(oldSeccomp),
      'non-functional in v1.27+; use the "seccompProfile" field instead',
    );
  containerWarnings(spec, here, tell);
  portWarnings(spec, here, tell);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    tell(
      here.child("terminationGracePeriodSeconds"),
      "must be >= 0; negative values are invalid and will be treated as 1",
    );
  for (const member of ["podAffinity", "podAntiAffinity"] as const)
    affinityWarnings(spec.affinity?.[member], here.child("affinity", member), tell);
  return told;
}

/** Takes one warning: where, and what of it. */
export type Tell = (where: FieldPath, sentence: string) => void;

function nodeWarnings(spec: PodSpec, at: FieldPath, tell: Tell): void {
  for (const label of Object.keys(spec.nodeSelector ?? {}).toSorted())
    if (oldLabels[label]) tell(at.child("nodeSelector").at(label), oldLabels[label]);
  const wanted = spec.affinity?.nodeAffinity;
  const here = at.child("affinity", "nodeAffinity");
  const required = here.child("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms");
  for (const [index, term] of (
    wanted?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  ).entries())
    termWarnings(term, required.at(index), tell);
  const preferred = here.child("preferredDuringSchedulingIgnoredDuringExecution");
  for (const [index, { preference }] of (
    wanted?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  ).entries())
    termWarnings(preference, preferred.at(index).child("preference"), tell);
  for (const [index, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const constraint = at.child("topologySpreadConstraints").at(index);
    if (oldLabels[topologyKey])
      tell(constraint.child("topologyKey"), `${topologyKey} is ${oldLabels[topologyKey]}`);
    if (!labelSelector) tell(constraint.child("labelSelector"), matchesNothing);
  }
}

function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, at: FieldPath, tell: Tell): void {
  for (const [index, { key }] of matchExpressions.entries())
    if (oldLabels[key])
      tell(at.child("matchExpressions").at(index).child("key"), `${key} is ${oldLabels[key]}`);
}

function annotationWarnings({ annotations = {} }: ObjectMeta, at: FieldPath, tell: Tell): void {
  for (const [key, sentence] of Object.entries(oldAnnotations))
    if (annotations[key] !== undefined) tell(at.at(key), sentence);
}

function repeatWarnings(spec: PodSpec, at: FieldPath, tell: Tell): void {
  const repeated = (values: readonly string[], each: (index: number, value: string) => void): void =>
    values.forEach((value, index) => values.indexOf(value) < index && each(index, value));
  repeated(
    (spec.hostAliases ?? []).map(({ ip }) => ip),
    (index, ip) => tell(at.child("hostAliases").at(index).child("ip"), `duplicate ip ${quoted(ip)}`),
  );
  const secrets = (spec.imagePullSecrets ?? []).map(({ name = "" }) => name);
  const secret = (index: number): FieldPath => at.child("imagePullSecrets").at(index).child("name");
  repeated(secrets, (index, name) => tell(secret(index), `duplicate name ${quoted(name)}`));
  secrets.forEach((name, index) => name === "" && tell(secret(index), 'invalid empty name ""'));
}

function affinityWarnings(affinity: PodAffinity | undefined, at: FieldPath, tell: Tell): void {
  const required = at.child("requiredDuringSchedulingIgnoredDuringExecution");
  for (const [index, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
    if (!term.labelSelector) tell(required.at(index).child("labelSelector"), matchesNothing);
  const preferred = at.child("preferredDuringSchedulingIgnoredDuringExecution");
  for (const [index, { podAffinityTerm }] of (
    affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  ).entries())
    if (!podAffinityTerm.labelSelector)
      tell(preferred.at(index).child("podAffinityTerm", "labelSelector"), matchesNothing);
}
