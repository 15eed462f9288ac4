import { BerthError, isBerthError, nearestName } from "@berth/base";
import { malformedObject, strictDecoding } from "../errors/decode-error.ts";
import { isJsonObject, type JsonObject } from "../json/json-value.ts";
import { groupVersion, type Kind } from "../kinds/kind.ts";
import { structureCustom } from "../customresources/structure-custom.ts";
import { structure, type Structured } from "../schema/structure.ts";
import { typeSchema, typeSchemaNames } from "../schema/type-schema.ts";

/** What to do with unknown and repeated members: refuse, tell, keep quiet. They are dropped in the last two cases. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface DecodedObject<T = JsonObject> {
  readonly object: T;
  /** Sentences for the `Warning` header. */
  readonly warnings: readonly string[];
  /** Paths of the members that were dropped because the type does not have them. */
  readonly unknown: readonly string[];
}

/**
 * Turns parsed JSON into an object of a kind: checks `apiVersion` and `kind`, brings it into the form of its type. The value is
 * changed in place and returned.
 * @throws BerthError BERTH_API_MALFORMED, or BERTH_API_STRICT_DECODING under `Strict`.
 */
export function decodeObject<T = JsonObject>(
  kind: Kind,
  body: { readonly value: unknown; readonly duplicates?: readonly string[] },
  fieldValidation: FieldValidation = "Warn",
): DecodedObject<T> {
  const { custom } = kind;
  const ends = endsTracking(body.value);
  const decoded = decodeAs(
    { type: kind.type, kind: kind.kind, apiVersion: groupVersion(kind), version: kind.version },
    body,
    fieldValidation,
    custom && ((value) => structureCustom(custom.schema, value)),
  );
  if (ends) (decoded.object["metadata"] as JsonObject)["managedFields"] = [{}];
  return decoded as DecodedObject<T>;
}

/** An empty list says the same as one empty entry, and decoding would drop it. */
function endsTracking(value: unknown): boolean {
  const metadata = isJsonObject(value) ? value["metadata"] : undefined;
  const said = isJsonObject(metadata) ? metadata["managedFields"] : undefined;
  return Array.isArray(said) && said.length === 0;
}

/** What somebody applies: also what is empty is his. @throws BerthError BERTH_API_MALFORMED with the path in its fields */
export function decodeApplied<T = JsonObject>(
  kind: Kind,
  body: { readonly value: JsonObject },
): DecodedObject<T> {
  const { custom, type } = kind;
  const { object, unknown } = custom
    ? structureCustom(custom.schema, body.value)
    : structure(type, body.value, true);
  return { object: object as T, warnings: [], unknown };
}

/** Name of a type in the schema and what objects of it call themselves. */
export interface NamedType {
  readonly type: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly version: string;
}

/** As {@link decodeObject}, for bodies that are no resource of their own: DeleteOptions, Scale, Binding, Eviction. */
export function decodeAs<T = JsonObject>(
  named: NamedType,
  body: { readonly value: unknown; readonly duplicates?: readonly string[] },
  fieldValidation: FieldValidation = "Warn",
  form: (value: JsonObject) => Structured = (value) => structure(named.type, value),
): DecodedObject<T> {
  const { value, duplicates = [] } = body;
  if (!isJsonObject(value))
    throw new BerthError(malformedObject, `${refusal(named)}: the body is no JSON object`);
  checkName(named, value);
  const { object, unknown } = formed(named, value, form);
  if (unknown.length === 0 && duplicates.length === 0) return { object: object as T, warnings: [], unknown };
  const complaints = [
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}${nearestNameHint(named.type, path)}`),
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
  ];
  if (fieldValidation === "Strict") {
    throw new BerthError(
      strictDecoding,
      `${refusal(named)}: strict decoding error: ${complaints.join(", ")}`,
      {
        fields: { complaints },
      },
    );
  }
  return { object: object as T, warnings: fieldValidation === "Warn" ? complaints : [], unknown };
}

/** The type called `kind` of an API group and version that is in the schema, though no resource is made of it. */
export function namedType(apiVersion: string, kind: string): NamedType | undefined {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  const short = group === "internal.apiserver.k8s.io" ? "apiserverinternal" : group!.split(".")[0]!;
  const candidates = [`${short}.${version}.${kind}`, `meta.v1.${kind}`];
  const type = candidates.find((name) => typeSchema(name));
  return type ? { type, kind, apiVersion, version: version! } : undefined;
}

/** Nothing said is what the path says; what is said and empty counts as not said. */
function checkName(named: NamedType, object: JsonObject): void {
  const isEmpty = object["apiVersion"] === "" && isOfAnExtension(named);
  const apiVersion = isEmpty ? "" : (object["apiVersion"] ||= named.apiVersion);
  const kind = (object["kind"] ||= named.kind);
  if (apiVersion === named.apiVersion && kind === named.kind) return;
  if (apiVersion !== named.apiVersion && isOfAnExtension(named))
    throw new BerthError(
      malformedObject,
      `the API version in the data (${shown(apiVersion)}) does not match the expected API version (${named.apiVersion})`,
    );
  const why = otherKind(named, shown(apiVersion), shown(kind));
  const version = shown(apiVersion).slice(shown(apiVersion).indexOf("/") + 1);
  const refused = `${shown(kind)} in version ${JSON.stringify(version)} cannot be handled as a ${named.kind}`;
  throw new BerthError(malformedObject, `${refused}: ${why}`, { cause: new Error(why) });
}

/** Custom resources and their definitions are read by a server of their own, with words of its own. */
function isOfAnExtension({ type }: NamedType): boolean {
  return type.startsWith("apiextensions.") || typeSchema(type) === undefined;
}

function otherKind(named: NamedType, apiVersion: string, kind: string): string {
  const known = namedType(apiVersion, kind);
  return known
    ? `converting (${goName(known)}) to (${internalName(named)}): unknown conversion`
    : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

const goName = ({ version, kind }: NamedType): string => `${version}.${kind}`;
const internalName = ({ type, kind }: NamedType): string => `${type.slice(0, type.indexOf("."))}.${kind}`;

const shown = (name: unknown): string => (typeof name === "string" ? name : JSON.stringify(name));

const refusal = ({ kind, version }: NamedType): string =>
  `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}`;

function formed(named: NamedType, value: JsonObject, form: (value: JsonObject) => Structured): Structured {
  try {
    return form(value);
  } catch (error) {
    if (!isBerthError(error, malformedObject)) throw error;
    throw new BerthError(malformedObject, `${refusal(named)}: ${error.message}`, { cause: error });
  }
}

/** For our own kinds the nearest name is told; for the others the sentence stays what clients of Kubernetes expect. */
export function nearestNameHint(type: string, path: string): string {
  if (!type.startsWith("berth.")) return "";
  const wrong = path.split(".").at(-1)!;
  const known = typeSchemaNames()
    .filter((name) => name.startsWith("berth."))
    .flatMap((name) => typeSchema(name)!.fields.map((field) => field.name));
  const near = nearestName(wrong, known);
  return near ? ` (did you mean ${JSON.stringify(near)}?)` : "";
}
