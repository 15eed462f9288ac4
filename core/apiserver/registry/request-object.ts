import {
  decodeAs,
  decodeJson,
  type DecodedJson,
  decodeObject,
  decodeProtobuf,
  type FieldValidation,
  isProtobuf,
  type Kind,
  type NamedType,
  typeSchema,
  undeclaredFields,
} from "../../api/index.ts";
import type { RequestBody, ServerRequest } from "../request/request.ts";
import { badRequest, unsupportedMediaType } from "../request/status-error.ts";
import { decodeYaml } from "./decode-yaml.ts";
import { typeOf } from "./managed-fields.ts";
import type { Draft } from "./object-meta.ts";

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
  const types = [jsonType, yamlType, ...(of?.custom ? [] : [protobufType])];
  const isNumbered = type === protobufType || isProtobuf(bytes);
  if (isNumbered && types.includes(protobufType)) return { value: decodeProtobuf(bytes), duplicates: [] };
  if (!isNumbered && (type === "" || type === jsonType)) return decodeJson(bytes);
  if (!isNumbered && type === yamlType) return decodeYaml(bytes);
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`,
  );
}

export function mediaType(contentType: string): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** @throws StatusError 400 without a body; BerthError of core/api for what cannot be decoded */
export async function readObject(request: ServerRequest, kind: Kind): Promise<Draft> {
  const body = await needed(request, kind);
  const decoded = decodeObject<Draft>(kind, body, fieldValidation(request.query));
  request.warnings.push(...decoded.warnings);
  decoded.object.metadata ??= {};
  return decoded.object;
}

/** A body that is no object of the kind itself: Scale, Binding, Eviction, TokenRequest. */
export async function readNamed<T>(request: ServerRequest, named: NamedType): Promise<T> {
  const decoded = decodeAs<T>(named, await needed(request), fieldValidation(request.query));
  request.warnings.push(...decoded.warnings);
  return decoded.object;
}

/**
 * The body of a server-side apply: always YAML, of which JSON is a part. Nobody can own what the type does not have, so such
 * members are refused whatever `fieldValidation` says.
 */
export async function readApply(request: ServerRequest, kind: Kind): Promise<Draft> {
  const { body } = request;
  const read = await needed(
    { ...request, body: body.kind === "bytes" ? { ...body, contentType: yamlType } : body },
    kind,
  );
  const { object, unknown } = decodeObject<Draft>(kind, read, "Ignore");
  const { namespace = "", name = "" } = (object.metadata ??= {});
  if (unknown.length > 0) {
    const what = `${namespace}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
    const { type, types = typeSchema } = typeOf(kind);
    throw badRequest(
      `failed to create typed patch object (${what}): ${undeclaredFields(type, object, unknown, types)}`,
    );
  }
  const twice = read.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`);
  const validation = fieldValidation(request.query);
  if (validation === "Strict" && twice.length > 0)
    throw badRequest(`error strict decoding YAML: ${twice.join(", ")}`);
  if (validation === "Warn") request.warnings.push(...twice);
  return object;
}

async function needed(request: ServerRequest, of?: Kind): Promise<DecodedJson> {
  const value = await readValue(request.body, of);
  if (!value) throw badRequest("the request has no body");
  return value;
}

export function fieldValidation(query: URLSearchParams): FieldValidation {
  const asked = query.get("fieldValidation") ?? "";
  if (asked === "" || asked === "Warn") return "Warn";
  if (asked === "Strict" || asked === "Ignore") return asked;
  throw badRequest(
    `fieldValidation: Unsupported value: ${JSON.stringify(asked)}: supported values: "Ignore", "Strict", "Warn"`,
  );
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
