import type { Kind } from "../kinds/kind.ts";

/** Groups with the versions that clients of any age may speak, served or not. */
const everSpoken = `
  core v1
  admission.k8s.io v1 v1beta1
  admissionregistration.k8s.io v1 v1alpha1 v1beta1
  apiextensions.k8s.io v1 v1beta1
  apiregistration.k8s.io v1 v1beta1
  apps v1 v1beta1 v1beta2
  authentication.k8s.io v1 v1alpha1 v1beta1
  authorization.k8s.io v1 v1beta1
  autoscaling v1 v2
  batch v1 v1beta1
  certificates.k8s.io v1 v1alpha1 v1beta1
  coordination.k8s.io v1 v1alpha2 v1beta1
  discovery.k8s.io v1 v1beta1
  events.k8s.io v1 v1beta1
  extensions v1beta1
  flowcontrol.apiserver.k8s.io v1 v1beta1 v1beta2 v1beta3
  imagepolicy.k8s.io v1alpha1
  internal.apiserver.k8s.io v1alpha1
  networking.k8s.io v1 v1beta1
  node.k8s.io v1 v1alpha1 v1beta1
  policy v1 v1beta1
  rbac.authorization.k8s.io v1 v1alpha1 v1beta1
  resource.k8s.io v1 v1alpha3 v1beta1 v1beta2
  scheduling.k8s.io v1 v1alpha2 v1beta1
  storage.k8s.io v1 v1alpha1 v1beta1
  storagemigration.k8s.io v1beta1
`;

interface Version {
  readonly group: string;
  readonly version: string;
}

/** Every version in which the options and events may be told that all kinds have in common. */
export function knownVersions(kinds: readonly Kind[]): readonly Version[] {
  const spoken = everSpoken
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [group = "", ...versions] = line.trim().split(" ");
      return versions.map((version) => ({ group: group === "core" ? "" : group, version }));
    });
  const known = new Set(spoken.map(({ group, version }) => `${group}/${version}`));
  const own = new Map(
    kinds
      .filter(({ group, version, custom }) => !custom && !known.has(`${group}/${version}`))
      .map(({ group, version }) => [`${group}/${version}`, { group, version }]),
  );
  return [...spoken, ...own.values()];
}
