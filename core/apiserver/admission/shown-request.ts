import {
  decodeAs,
  decodeObject,
  groupVersion,
  type JsonObject,
  type Kind,
  type KindTable,
  type NamedType,
} from "../../api/index.ts";
import { setDefaults } from "../registry/object-checks.ts";
import type { Convert } from "../registry/object-forms.ts";
import type { Draft } from "../registry/object-meta.ts";
import { asServed, asStored, isStoredForm, servedWith } from "../registry/versions.ts";
import type { AdmissionRequest } from "./admission.ts";

/** What webhooks and policies see of a request in place of the object that is stored. */
export interface Shown {
  /** Of the object that is shown: a Scale, a Binding, another version. */
  readonly of: { readonly apiVersion: string; readonly kind: string; readonly type: string };
  /** The resource that was asked for, where it is not the one that is stored. */
  readonly resource?: Kind;
  /** A binding is made, though it changes a pod. */
  readonly operation?: "CREATE";
  readonly object?: Draft | undefined;
  readonly old?: Draft | undefined;
  /** What a caller could have sent, of what a mutation made. @throws BerthError */
  decode(value: JsonObject): Draft;
  /** Brings what a mutation made of the shown object into the one that is stored. */
  accept?(next: Draft): void | Promise<void>;
}

/** The versions in which objects are served, and the way from one to another. */
export interface Versions {
  readonly kinds: () => KindTable;
  readonly convert: Convert;
}

/** Shown as a type that no resource is made of. */
export function shownAs(named: NamedType, parts: Omit<Shown, "of" | "decode">): Shown {
  return { of: named, decode: (value) => decodeAs<Draft>(named, { value }, "Ignore").object, ...parts };
}

/** Of a request whose object is stored nowhere. */
export function shownObject(named: NamedType, object: Draft): { object: Draft; shown: Shown } {
  return { object, shown: shownAs(named, { object }) };
}

/** Shown in another version than the one that is stored. */
export function shownIn(kind: Kind, parts: Omit<Shown, "of" | "decode">): Shown {
  const decode = (value: JsonObject): Draft => {
    const { object } = decodeObject<Draft>(kind, { value }, "Ignore");
    setDefaults(kind, object);
    return object;
  };
  return { of: { apiVersion: groupVersion(kind), kind: kind.kind, type: kind.type }, decode, ...parts };
}

/** Of a request by which a kind's clients see objects that are stored as another kind. */
export function shownServed(
  kind: Kind,
  object: Draft | undefined,
  old: Draft | undefined,
): Shown | undefined {
  if (isStoredForm(kind)) return undefined;
  return shownIn(kind, {
    resource: kind,
    object: object && (asServed(kind, object) as Draft),
    old: old && (asServed(kind, old) as Draft),
    accept: (next) => refill(object!, asStored(kind, next)),
  });
}

/** A request as webhooks and policies see it; undefined when they have seen all there is of it. */
export function asShown(request: AdmissionRequest): AdmissionRequest | undefined {
  const { shown } = request;
  if (shown === "nothing") return undefined;
  if (!shown) return request;
  const { operation = request.operation, resource: kind = request.kind, object, old } = shown;
  const { object: _, old: __, ...rest } = request;
  return { ...rest, operation, kind, ...(object ? { object } : {}), ...(old ? { old } : {}) };
}

/**
 * The request in the form that `matches` is about: its own, or unless `matchPolicy` is Exact another version or group in which
 * the same object could have been asked for, so that nobody gets around a rule by naming another. Objects of custom kinds
 * are in it as they were asked for; {@link inItsVersion} converts them for those who look at them.
 */
export function matchingForm(
  request: AdmissionRequest,
  matchPolicy: string | undefined,
  kinds: KindTable,
  matches: (request: AdmissionRequest) => boolean,
): AdmissionRequest | undefined {
  if (matches(request)) return request;
  if (matchPolicy === "Exact") return undefined;
  for (const kind of equivalentKinds(request, kinds)) {
    const other = { ...request, kind, requested: request };
    if (matches(other))
      return request.subresource === "" || request.subresource === "status" ? inForm(other, request) : other;
  }
  return undefined;
}

function equivalentKinds(request: AdmissionRequest, kinds: KindTable): Kind[] {
  const { kind } = request;
  if (!kind.custom) return servedWith(kind, kinds);
  return kinds
    .all()
    .filter(
      (one) => one.group === kind.group && one.resource === kind.resource && one.version !== kind.version,
    );
}

/** The other version's objects, where no definition says how they are made. */
function inForm(other: AdmissionRequest, { kind: own, object, old }: AdmissionRequest): AdmissionRequest {
  const { kind } = other;
  if (kind.custom) return other;
  const convert = (one: Draft): Draft => asServed(kind, asStored(own, one)) as Draft;
  const shown = shownIn(kind, {
    accept(next) {
      refill(object!, asServed(own, asStored(kind, next)));
      const asked = other.requested?.shown;
      return typeof asked === "object" ? asked.accept?.(object!) : undefined;
    },
  });
  const converted = { ...(object ? { object: convert(object) } : {}), ...(old ? { old: convert(old) } : {}) };
  return { ...other, ...converted, shown };
}

/**
 * A form with the objects of a custom kind in the version it is about; what a mutation makes of them goes the way back.
 * @throws StatusError when they cannot be converted
 */
export async function inItsVersion(form: AdmissionRequest, convert: Convert): Promise<AdmissionRequest> {
  const { requested, kind, subresource, object, old } = form;
  if (!requested || !kind.custom || (subresource !== "" && subresource !== "status")) return form;
  const present = [object, old].filter((one) => one !== undefined);
  const converted = (await convert(kind, present)) as Draft[];
  const parts = { ...(object && { object: converted[0]! }), ...(old && { old: converted.at(-1)! }) };
  const accept = async (next: Draft): Promise<void> => {
    const [back] = await convert(requested.kind, [next]);
    const { object: decoded } = decodeObject<Draft>(requested.kind, { value: back! }, "Ignore");
    setDefaults(requested.kind, decoded);
    refill(object!, decoded);
  };
  // Not pruned: what only the other version has would be lost on the way back.
  const decode = (value: JsonObject): Draft => value as Draft;
  return { ...form, ...parts, shown: { ...shownIn(kind, { accept }), decode } };
}

/** Makes an object equal to another in place: others hold on to it and to its metadata. */
export function refill(target: JsonObject, source: JsonObject): void {
  const metadata = target["metadata"] as JsonObject;
  replace(metadata, { ...(source["metadata"] as JsonObject) });
  replace(target, { ...source, metadata });
}

function replace(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(target)) if (!Object.hasOwn(source, key)) delete target[key];
  Object.assign(target, source);
}
