import { mirrorAnnotation } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { type PodLike, podReferences } from "../authz/pod-references.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import {
  enforcesSecrets,
  foreignSecret,
  foreignSecretOfGuests,
  type SecretHolder,
  type SecretNamingSpec,
} from "./mountable-secrets.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const tokenSeconds = 3607;
/** kubectl hides such volumes in its listings. */
const volumePrefix = "kube-api-access-";

interface Account extends SecretHolder {
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name: string }[];
}

interface Mount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
}

interface PodSpec {
  serviceAccountName?: string;
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name: string }[];
  volumes?: { name: string; projected?: object }[];
  containers?: { volumeMounts?: Mount[] }[];
  initContainers?: { volumeMounts?: Mount[] }[];
}

/** Gives every pod a service account, its pull secrets and, unless refused, a token that the kubelet renews. */
export function serviceAccountAdmission(cache: WatchCache): AdmissionPlugin {
  const accounts = cache.kind("/core/serviceaccounts/");
  return {
    name: "ServiceAccount",
    mutate(request) {
      const { operation, kind, subresource, name, object } = request;
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "Pod" || subresource !== "") return;
      const pod = object as Draft;
      if (isMirror(pod)) {
        refuse(request, whyNoMirror(pod));
        return;
      }
      const spec = (pod.spec ??= {}) as PodSpec;
      spec.serviceAccountName ||= spec.serviceAccount || "default";
      spec.serviceAccount = spec.serviceAccountName;
      const account = accountOf(request, spec.serviceAccountName);
      if ((spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets?.length)
        spec.imagePullSecrets = account.imagePullSecrets.map((one) => ({ ...one }));
      const wanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
      if (wanted) mountToken(spec, pod.metadata.name ?? pod.metadata.generateName ?? name);
      checkSecrets(request, account);
    },
    // Others may have changed it since.
    validate(request) {
      const { operation, kind, subresource, object } = request;
      if (kind.group !== "" || kind.kind !== "Pod" || !object) return;
      const spec = (object.spec ?? {}) as SecretNamingSpec & PodSpec;
      if (operation === "UPDATE" && subresource === "ephemeralcontainers") {
        const account = accountOf(request, spec.serviceAccountName ?? "");
        if (enforcesSecrets(account)) refuse(request, foreignSecretOfGuests(account, spec));
      }
      if (operation !== "CREATE" || subresource !== "") return;
      if (isMirror(object)) refuse(request, whyNoMirror(object));
      else checkSecrets(request, accountOf(request, spec.serviceAccountName ?? ""));
    },
  };

  function accountOf(request: AdmissionRequest, name: string): Account {
    const { namespace } = request;
    const found = accounts.get(`/core/serviceaccounts/${namespace}/${name}`);
    if (!found)
      refuse(
        request,
        `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
      );
    return found!.object<Account>();
  }
}

function isMirror({ metadata }: Draft): boolean {
  return metadata.annotations?.[mirrorAnnotation] !== undefined;
}

/** A mirror only shows what a node runs: nothing may be had through it. */
function whyNoMirror(object: Draft): string | undefined {
  const pod = object as PodLike;
  if (pod.spec?.serviceAccountName) return "a mirror pod may not reference service accounts";
  if (podReferences(pod).secrets.size > 0) return "a mirror pod may not reference secrets";
  const sources = (pod.spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  return sources.some(({ serviceAccountToken }) => serviceAccountToken)
    ? "a mirror pod may not use ServiceAccountToken volume projections"
    : undefined;
}

function checkSecrets(request: AdmissionRequest, account: Account): void {
  if (enforcesSecrets(account)) refuse(request, foreignSecret(account, request.object?.spec ?? {}));
}

/** Throws when there is a reason to. */
function refuse({ kind, name }: AdmissionRequest, why: string | undefined): void {
  if (why !== undefined) throw forbidden(kind, name, why);
}

function mountToken(spec: PodSpec, seed: string): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter(
    (container) => !(container.volumeMounts ?? []).some((mount) => mount.mountPath === mountPath),
  );
  if (without.length === 0) return;
  const held = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix));
  const volume = held?.name ?? volumeName(spec, seed);
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume, readOnly: true, mountPath }];
  }
  if (held) return;
  const downward = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } };
  spec.volumes = [
    ...(spec.volumes ?? []),
    {
      name: volume,
      projected: {
        defaultMode: 0o644,
        sources: [
          { serviceAccountToken: { expirationSeconds: tokenSeconds, path: "token" } },
          { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          { downwardAPI: { items: [downward] } },
        ],
      },
    },
  ];
}

function volumeName(spec: PodSpec, seed: string): string {
  const taken = new Set((spec.volumes ?? []).map((volume) => volume.name));
  for (let number = 0; ; number++) {
    const name = volumePrefix + suffix(seed, number);
    if (!taken.has(name)) return name;
  }
}

const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** Five characters that depend on the pod's name only, so that a rehearsal shows what will be. */
function suffix(seed: string, number: number): string {
  let hash = 2166136261 ^ number;
  for (const character of seed) hash = Math.imul(hash ^ character.codePointAt(0)!, 16777619);
  let text = "";
  for (let at = 0; at < 5; at++) {
    text += alphabet[(hash >>> 0) % alphabet.length];
    hash = Math.imul(hash ^ at, 16777619);
  }
  return text;
}
