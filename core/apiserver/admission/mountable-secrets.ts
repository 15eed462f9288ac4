/** On service accounts whose pods may name no secrets but the account's own. */
const enforced = "kubernetes.io/enforce-mountable-secrets";
/** What Go reads as true. */
const yes: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);

interface Named {
  readonly name?: string;
}

/** As much of a service account as says what its pods may name. */
export interface SecretHolder {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly secrets?: readonly Named[];
  readonly imagePullSecrets?: readonly Named[];
}

interface SecretUser {
  readonly name?: string;
  readonly env?: readonly { readonly name: string; readonly valueFrom?: { readonly secretKeyRef?: Named } }[];
  readonly envFrom?: readonly { readonly secretRef?: Named }[];
}

/** As much of a pod's spec as can name secrets that are mounted, read or pulled with. */
export interface SecretNamingSpec {
  readonly volumes?: readonly { readonly secret?: { readonly secretName?: string } }[];
  readonly initContainers?: readonly SecretUser[];
  readonly containers?: readonly SecretUser[];
  readonly ephemeralContainers?: readonly SecretUser[];
  readonly imagePullSecrets?: readonly Named[];
}

/** Whether the account asks that its pods name its own secrets only. */
export function enforcesSecrets({ metadata }: SecretHolder): boolean {
  return yes.has(metadata?.annotations?.[enforced] ?? "");
}

/** Why a new pod may not have this account: the first secret it names that is not the account's; undefined when it may. */
export function foreignSecret(account: SecretHolder, spec: SecretNamingSpec): string | undefined {
  const own = namesOf(account.secrets);
  const who = `is not allowed because service account ${account.metadata?.name}`;
  for (const { secret } of spec.volumes ?? [])
    if (secret && !own.has(secret.secretName ?? ""))
      return `volume with secret.secretName="${secret.secretName ?? ""}" ${who} does not reference that secret`;
  const inContainers =
    foreignIn("init container", spec.initContainers, account) ??
    foreignIn("container", spec.containers, account);
  if (inContainers !== undefined) return inContainers;
  const pulling = namesOf(account.imagePullSecrets);
  const at = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pulling.has(name ?? ""));
  if (at < 0) return undefined;
  return `imagePullSecrets[${at}].name="${spec.imagePullSecrets![at]!.name ?? ""}" ${who} does not reference that imagePullSecret`;
}

/** The same of containers that join a pod later. */
export function foreignSecretOfGuests(account: SecretHolder, spec: SecretNamingSpec): string | undefined {
  return foreignIn("ephemeral container", spec.ephemeralContainers, account);
}

function foreignIn(
  what: string,
  containers: readonly SecretUser[] = [],
  account: SecretHolder,
): string | undefined {
  const own = namesOf(account.secrets);
  const refusal = (container: SecretUser, how: string, name = ""): string =>
    `${what} ${container.name} with ${how} referencing secret.secretName="${name}" is not allowed because service account ${account.metadata?.name} does not reference that secret`;
  for (const container of containers) {
    for (const { name, valueFrom } of container.env ?? []) {
      const key = valueFrom?.secretKeyRef;
      if (key && !own.has(key.name ?? "")) return refusal(container, `envVar ${name}`, key.name);
    }
    for (const { secretRef } of container.envFrom ?? [])
      if (secretRef && !own.has(secretRef.name ?? "")) return refusal(container, "envFrom", secretRef.name);
  }
  return undefined;
}

function namesOf(list: readonly Named[] = []): ReadonlySet<string> {
  return new Set(list.map(({ name }) => name ?? ""));
}
