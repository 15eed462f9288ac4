import { isBerthError } from "@berth/base";
import { CelMap, type CelValue, toJson } from "../../api/cel/index.ts";
import {
  decodeApplied,
  decodeAs,
  deepCopy,
  type DecodedObject,
  type JsonObject,
  keyedPath,
  malformedObject,
  mergeApplied,
  typeSchema,
  undeclaredFields,
  wholeParts,
} from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { typeOf } from "../registry/managed-fields.ts";

/**
 * The object with the configuration merged in as server-side apply merges.
 * @throws Error in the words of kube-apiserver
 */
export function applied(request: AdmissionRequest, patch: CelValue): JsonObject {
  checkTypeNames(patch, "Object");
  const { kind, object, shown } = request;
  const { apiVersion, kind: name } = object!;
  const said = { ...(toJson(patch) as JsonObject), apiVersion, kind: name };
  const { type, types = typeSchema } =
    typeof shown === "object" && !kind.custom ? { type: shown.of.type } : typeOf(kind);
  const untyped = "error applying patch: failed to convert patch object to typed object";
  const { unknown } = decoded(request, said, (path, why) => {
    const at = kind.custom ? path : keyedPath(type, said, path, types);
    return `${untyped}: ${at}: ${why}`;
  });
  if (unknown.length > 0) throw new Error(`${untyped}: ${undeclaredFields(type, said, unknown, types)}`);
  const whole = wholeParts(type, said, types);
  if (whole.length > 0)
    throw new Error(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${whole.join(", ")}`,
    );
  // What becomes of managed fields is settled when the object is stored.
  return deepCopy(mergeApplied(type, object!, said, types));
}

function decoded(
  { kind, shown }: AdmissionRequest,
  value: JsonObject,
  told: (path: string, why: string) => string,
): DecodedObject {
  try {
    return typeof shown === "object" && !kind.custom
      ? decodeAs({ ...shown.of, version: shown.of.apiVersion.split("/").at(-1)! }, { value }, "Ignore")
      : decodeApplied(kind, { value });
  } catch (error) {
    const path = isBerthError(error, malformedObject) ? error.fields["path"] : undefined;
    if (typeof path !== "string") throw error;
    throw new Error(told(path, (error as Error).message), { cause: error });
  }
}

/** `Object.spec.template{…}` may stand under `spec` and `template` only. */
function checkTypeNames(value: CelValue, expected: string): void {
  if (Array.isArray(value)) for (const one of value) checkTypeNames(one as CelValue, expected);
  if (!(value instanceof CelMap)) return;
  if (value.typeName !== "" && value.typeName !== expected)
    throw new Error(
      `type mismatch: unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
    );
  for (const key of value.keys()) checkTypeNames(value.get(key)!, `${expected}.${String(key)}`);
}
