import type { PersistentVolumeClaim } from "../api/index.ts";

export interface SecretReference {
  readonly name: string;
  readonly namespace: string;
}

/** Parameters of a class with this prefix are for us, not for the driver. */
export const ownPrefix = "csi.storage.k8s.io/";

export type SecretUse =
  | "provisioner"
  | "controller-publish"
  | "node-stage"
  | "node-publish"
  | "controller-expand"
  | "node-expand";

/**
 * The secret that a class names for one use, its templates filled in: `${pv.name}`, `${pvc.namespace}`, and for what
 * belongs to a claim also `${pvc.name}` and `${pvc.annotations['KEY']}`.
 * @throws a sentence naming the parameter when only half of a reference is there or a template is unknown
 */
export function secretReference(
  use: SecretUse,
  parameters: Readonly<Record<string, string>>,
  claim: PersistentVolumeClaim,
  volumeName: string,
): SecretReference | undefined {
  const name = parameters[`${ownPrefix}${use}-secret-name`];
  const namespace = parameters[`${ownPrefix}${use}-secret-namespace`];
  if (name === undefined && namespace === undefined) return undefined;
  if (!name || !namespace) {
    const missing = name ? "namespace" : "name";
    throw new Error(`storageclass parameter ${ownPrefix}${use}-secret-${missing} is missing`);
  }
  return { name: fill(name, claim, volumeName), namespace: fill(namespace, claim, volumeName) };
}

const template = /\$\{([^}]*)\}/g;

function fill(text: string, claim: PersistentVolumeClaim, volumeName: string): string {
  const { name, namespace = "", annotations = {} } = claim.metadata;
  return text.replaceAll(template, (whole, key: string) => {
    if (key === "pv.name") return volumeName;
    if (key === "pvc.name") return name;
    if (key === "pvc.namespace") return namespace;
    const annotation = /^pvc\.annotations\['(.+)'\]$/.exec(key)?.[1];
    const value = annotation === undefined ? undefined : annotations[annotation];
    if (value === undefined) throw new Error(`${whole} in the storage class's parameters stands for nothing`);
    return value;
  });
}
