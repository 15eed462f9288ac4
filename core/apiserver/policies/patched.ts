import { errorMessage } from "@berth/base";
import { type CelValue, toJson } from "../../api/cel/index.ts";
import { isJsonObject, type JsonObject, jsonPatch, parsePointer } from "../../api/index.ts";

type Operation = Readonly<Record<string, unknown>>;

/**
 * The object with the operations of a JSON patch done to it; as it was when one of them is a test that fails.
 * @throws Error in the words of kube-apiserver
 */
export function patched(object: unknown, patch: CelValue): unknown {
  let value = object;
  for (const operation of toJson(patch) as readonly Operation[]) {
    try {
      value = jsonPatch(value, [operation]);
    } catch (error) {
      const isFailedTest = operation["op"] === "test" && parentIn(value, operation["path"]) !== undefined;
      if (isFailedTest) return object;
      throw new Error(`JSON Patch: ${why(operation, value) ?? errorMessage(error)}`, { cause: error });
    }
  }
  return value;
}

function why({ op, path, from }: Operation, document: unknown): string | undefined {
  const at = String(path);
  const parent = parentIn(document, path);
  const isNowhere = parent === undefined;
  switch (op) {
    case "add":
      if (isNowhere) return `add operation does not apply: doc is missing path: "${at}": missing value`;
      return `error in add for path: '${at}': ${outside(at)}`;
    case "remove":
      if (isNowhere) return `remove operation does not apply: doc is missing path: "${at}": missing value`;
      return `error in remove for path: '${at}': ${Array.isArray(parent) ? outside(at) : lacking(at)}`;
    case "replace":
      if (isNowhere) return `replace operation does not apply: doc is missing path: ${at}: missing value`;
      return `replace operation does not apply: doc is missing key: ${at}: missing value`;
    case "test":
      return isNowhere ? `test operation does not apply: is missing path: ${at}: missing value` : undefined;
    case "move":
    case "copy": {
      const source = String(from);
      if (parentIn(document, from) === undefined)
        return `${op} operation does not apply: doc is missing from path: ${source}: missing value`;
      return isNowhere
        ? `${op} operation does not apply: doc is missing destination path: ${at}: missing value`
        : undefined;
    }
    default:
      return `Unexpected kind: ${String(op)}`;
  }
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const outside = (path: string): string =>
  `Unable to access invalid index: ${lastOf(path)}: invalid index referenced`;
const lacking = (path: string): string => `Unable to remove nonexistent key: ${lastOf(path)}: missing value`;

/** What would hold the place that a pointer names. */
function parentIn(document: unknown, pointer: unknown): JsonObject | unknown[] | undefined {
  if (typeof pointer !== "string" || !pointer.startsWith("/")) return undefined;
  let value = document;
  for (const segment of parsePointer(pointer, "path").slice(0, -1)) {
    if (Array.isArray(value)) value = value[Number(segment)] as unknown;
    else value = isJsonObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
  }
  return Array.isArray(value) || isJsonObject(value) ? value : undefined;
}
