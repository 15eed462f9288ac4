import {
  type KindTable,
  labelSelectorQuery,
  matchesLabels,
  parseGroupVersion,
  storagePrefix,
} from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { PolicyConfigurationError } from "./policy-failure.ts";
import type { BindingSpec, PolicySpec } from "./policy-settings.ts";

/**
 * The objects that a binding hands its policy as `params`; `[undefined]` when the policy takes none, and none at all when the
 * binding says that missing ones are all right.
 * @throws Error in the words of the refusal
 */
export function paramsOf(
  policy: PolicySpec,
  { paramRef }: BindingSpec,
  request: AdmissionRequest,
  kinds: KindTable,
  cache: WatchCache,
): (Draft | undefined)[] {
  const { paramKind } = policy;
  if (!paramKind) return [undefined];
  const version = parseGroupVersion(paramKind.apiVersion);
  const kind = version && kinds.byKind(version.group, version.version, paramKind.kind);
  if (!kind)
    throw new PolicyConfigurationError(
      `failed to configure policy: failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    );
  // A policy that takes params and is bound without any gets null.
  if (!paramRef) return [undefined];
  const namespace = kind.namespaced ? paramRef.namespace || request.namespace : "";
  if (kind.namespaced && namespace === "")
    throw new Error(
      "failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
    );
  if (!kind.namespaced && paramRef.namespace)
    throw new Error(
      "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`",
    );
  const objects = cache.kind(storagePrefix(kind));
  const found: Draft[] = [];
  if (paramRef.name) {
    const key = storagePrefix(kind) + (kind.namespaced ? `${namespace}/${paramRef.name}` : paramRef.name);
    const object = objects.get(key)?.object<Draft>();
    if (object) found.push(object);
  } else {
    const selector = labelSelectorQuery(paramRef.selector ?? {});
    for (const cached of objects.objects(namespace)) {
      const object = cached.object<Draft>();
      if (matchesLabels(selector, object.metadata.labels ?? {})) found.push(object);
    }
  }
  if (found.length === 0 && paramRef.parameterNotFoundAction !== "Allow")
    throw new Error(
      "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
    );
  return found;
}
