import { isDeepStrictEqual } from "node:util";
import { kinds } from "../../api/index.ts";
import { frontProxyName, type Pki } from "../../http/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import { type BootstrapOptions, ensure } from "./ensure.ts";

const name = "extension-apiserver-authentication";
const namespace = "kube-system";

/** Headers in which a user is passed on to an aggregated server. */
export const remoteUserHeaders = {
  username: "X-Remote-User",
  uid: "X-Remote-Uid",
  group: "X-Remote-Group",
  extraPrefix: "X-Remote-Extra-",
} as const;

/** Tells aggregated servers whose certificates and whose X-Remote-… headers they may believe. */
export async function publishExtensionAuthentication(options: BootstrapOptions, pki: Pki): Promise<void> {
  const kind = kinds.byKind("", "v1", "ConfigMap")!;
  const { objects } = options;
  const list = (value: string): string => JSON.stringify([value]);
  const data = {
    "client-ca-file": pki.authorityCertificate,
    "requestheader-allowed-names": list(frontProxyName),
    "requestheader-client-ca-file": pki.frontProxyAuthorityCertificate,
    "requestheader-extra-headers-prefix": list(remoteUserHeaders.extraPrefix),
    "requestheader-group-headers": list(remoteUserHeaders.group),
    "requestheader-uid-headers": list(remoteUserHeaders.uid),
    "requestheader-username-headers": list(remoteUserHeaders.username),
  };
  const map: Draft = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
  if (!(await ensure(options, kind, map))) return;
  const stored = objects.cached(kind, namespace, name);
  if (!stored || isDeepStrictEqual(stored.object<Draft>()["data"], data)) return;
  await objects.update(kind, { ...stored.copy<Draft>(), data }, stored);
}
