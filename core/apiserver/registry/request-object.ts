import { isBerthError } from "@berth/base";
import {
  decodeApplied,
  decodeAs,
  decodeJson,
  type DecodedJson,
  type DecodedObject,
  decodeObject,
  decodeProtobuf,
  groupVersion,
  isJsonObject,
  isProtobuf,
  keyedPath,
  type JsonObject,
  type Kind,
  malformedObject,
  type NamedType,
  type TypeLookup,
  typedMistakes,
  typeSchema,
  undeclaredFields,
} from "../../api/index.ts";
import type { RequestBody, ServerRequest } from "../request/request.ts";
import { badRequest, invalid, unnamedError, unsupportedMediaType } from "../request/status-error.ts";
import { decodeYaml } from "./decode-yaml.ts";
import { typeOf } from "./managed-fields.ts";
import type { Draft } from "./object-meta.ts";
import { fieldValidation } from "./write-options.ts";

/** Bytes of a request body; what the API has always allowed. */
export const bodyLimit = 3 * 1024 * 1024;

const jsonType = "application/json";
const yamlType = "application/yaml";
const protobufType = "application/vnd.kubernetes.protobuf";

/**
 * The body parsed, whatever its encoding. Empty bodies give undefined.
 * @param of what it shall be; nobody has numbered the fields of a custom resource, so it never is protobuf
 */
export async function readValue(body: RequestBody, of?: Kind): Promise<DecodedJson | undefined> {
  if (body.kind === "object") {
    return body.value === undefined ? undefined : { value: plainCopy(body.value), duplicates: [] };
  }
  const bytes = await body.read(bodyLimit);
  if (bytes.length === 0) return undefined;
  const type = mediaType(body.contentType);
  const isNumbered = type === protobufType || isProtobuf(bytes);
  if (isNumbered && !of?.custom) return { value: decodeProtobuf(bytes), duplicates: [] };
  if (!isNumbered && (type === "" || type === jsonType)) return decodeJson(bytes);
  if (!isNumbered && type === yamlType) return decodeYaml(bytes);
  const types = [jsonType, yamlType, ...(of?.custom ? [] : [protobufType])];
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`,
  );
}

export function mediaType(contentType: string): string {
  const end = contentType.indexOf(";");
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** @throws StatusError 400 without a body; BerthError of core/api for what cannot be decoded */
export async function readObject(request: ServerRequest, kind: Kind): Promise<Draft> {
  const body = await readJson(request, kind);
  if (kind.custom) checkNamed(kind, body.value);
  const decoded = decodeObject<Draft>(kind, body, fieldValidation(request));
  request.warnings.push(...decoded.warnings);
  decoded.object.metadata ??= {};
  return decoded.object;
}

/** @throws StatusError 400 with the beginning of what is no JSON */
async function readJson({ body }: ServerRequest, kind: Kind): Promise<DecodedJson> {
  const unreadable = (why: string, shown: string): Error =>
    badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind; json parse error: ${why} (${shown})`,
    );
  try {
    const value = await readValue(body, kind);
    if (value) return value;
  } catch (error) {
    const { syntax, text } = isBerthError(error, malformedObject) ? error.fields : {};
    if (typeof syntax !== "string" || kind.custom) throw error;
    throw unreadable(syntax, String(text));
  }
  throw unreadable("unexpected end of JSON input", "<empty>");
}

const fewest = 30;

/** A custom object says itself what it is; of the others the path does. */
function checkNamed(kind: Kind, value: unknown): void {
  if (!isJsonObject(value)) return;
  const { kind: said, apiVersion, metadata } = value;
  if (said === undefined || said === "") {
    const text = JSON.stringify(value);
    const start = text.length > fewest ? `${text.slice(0, fewest)} ...` : text;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): Object 'Kind' is missing in '${text}' (${start})`,
    );
  }
  if (apiVersion === undefined) value["apiVersion"] = "";
  if (apiVersion !== groupVersion(kind) || typeof said !== "string" || said === kind.kind) return;
  const message = `Invalid value: ${JSON.stringify(said)}: must be ${kind.kind}`;
  const named = isJsonObject(metadata) ? metadata["name"] : undefined;
  const name = typeof named === "string" ? named : "";
  throw invalid({ ...kind, kind: said }, name, [{ reason: "FieldValueInvalid", message, field: "kind" }]);
}

/** A body that is no object of the kind itself: Scale, Binding, Eviction, TokenRequest. */
export async function readNamed<T>(request: ServerRequest, named: NamedType): Promise<T> {
  const body = demanded(await readValue(request.body));
  const decoded = decodeAs<T>(named, body, fieldValidation(request));
  request.warnings.push(...decoded.warnings);
  return decoded.object;
}

/** The body of a server-side apply: always YAML, of which JSON is a part. */
export async function readApply(request: ServerRequest, kind: Kind): Promise<Draft> {
  const body = await neededYaml(request, kind);
  const value = appliedValue({ apiVersion: groupVersion(kind), kind: kind.kind }, body.value);
  checkTyped(kind, value);
  const decoded = decodedApplied(kind, value);
  decoded.object.metadata ??= {};
  checkApplied(request, body, decoded, typeOf(kind));
  return decoded.object;
}

/** @throws StatusError 400 for what does not call itself an object of the kind */
function appliedValue(of: Pick<NamedType, "apiVersion" | "kind">, value: unknown): JsonObject {
  const { apiVersion = "", kind: called = "" } = isJsonObject(value) ? value : {};
  if (isJsonObject(value) && apiVersion === of.apiVersion && called === of.kind) return value;
  const named = String(apiVersion);
  const isVersion = named.split("/").length < 3;
  const shown = !isVersion || named === "" ? "/" : named.includes("/") ? named : `/${named}`;
  throw badRequest(`invalid object type: ${shown}, Kind=${isVersion ? String(called) : ""}`);
}

/** @throws StatusError for values of another type, and for items that cannot be told apart */
function checkTyped(kind: Kind, value: JsonObject): void {
  const { type, types = typeSchema } = typeOf(kind);
  const mistakes = typedMistakes(type, value, types);
  if (mistakes === undefined) return;
  throw unnamedError(`failed to create typed patch object (${described(value as Draft)}): ${mistakes}`);
}

function decodedApplied(kind: Kind, value: JsonObject): DecodedObject<Draft> {
  const what = described(value as Draft);
  try {
    return decodeApplied<Draft>(kind, { value });
  } catch (error) {
    const path = isBerthError(error, malformedObject) ? error.fields["path"] : undefined;
    if (typeof path !== "string" || kind.custom) throw error;
    const at = keyedPath(kind.type, value, path, typeSchema);
    throw unnamedError(`failed to create typed patch object (${what}): ${at}: ${(error as Error).message}`);
  }
}

/** As upstream's messages name what is applied. */
function described({ apiVersion, kind, metadata }: Draft): string {
  const group = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}; ${group}, Kind=${kind}`;
}

/** As {@link readApply}, of what is no object of the kind itself: a Scale. */
export async function readNamedApply<T extends JsonObject>(
  request: ServerRequest,
  named: NamedType,
): Promise<T> {
  const body = await neededYaml(request);
  appliedValue(named, body.value);
  const decoded = decodeAs<T>(named, body, "Ignore");
  checkApplied(request, body, decoded, named);
  return decoded.object;
}

/** Nobody can own what the type does not have, so such members are refused whatever `fieldValidation` says. */
function checkApplied(
  request: ServerRequest,
  { duplicates, complaints }: DecodedJson,
  { object, unknown }: DecodedObject,
  { type, types = typeSchema }: { readonly type: string; readonly types?: TypeLookup },
): void {
  if (unknown.length > 0) {
    const what = described(object as unknown as Draft);
    throw unnamedError(
      `failed to create typed patch object (${what}): ${undeclaredFields(type, object, unknown, types)}`,
    );
  }
  const twice = complaints ?? duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`);
  const validation = fieldValidation(request);
  if (validation === "Strict" && twice.length > 0)
    throw badRequest(`error strict decoding YAML: ${twice.join(", ")}`);
  if (validation === "Warn") request.warnings.push(...twice);
}

async function neededYaml({ body }: ServerRequest, of?: Kind): Promise<DecodedJson> {
  return demanded(await readValue(body.kind === "bytes" ? { ...body, contentType: yamlType } : body, of));
}

function demanded(value: DecodedJson | undefined): DecodedJson {
  if (!value) throw badRequest("the request has no body");
  return value;
}

/** A copy of a caller's own value, without members that JSON does not have. */
export function plainCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainCopy);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) copy[key] = plainCopy(member);
  return copy;
}
