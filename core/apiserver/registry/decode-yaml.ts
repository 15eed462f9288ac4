import { BerthError, errorMessage, isBerthError } from "@berth/base";
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import {
  decodeJson,
  type DecodedJson,
  exactInteger,
  malformedObject,
  objectTooLarge,
} from "../../api/index.ts";

/** Text that is YAML and no JSON costs a second of work a megabyte, so less of it is taken. */
const mostBytes = 512 * 1024;
/** References to itself would make a small body a huge one; a hundred aliases are more than people write. */
const mostAliases = 100;
/** The parser's own check for repeated keys is quadratic; ours is not, and tells their paths. */
const options = { uniqueKeys: false, logLevel: "error", intAsBigInt: true } as const;

/**
 * Reads YAML, of which JSON is a part that is read faster and up to the limit of JSON.
 * @throws BerthError BERTH_API_MALFORMED or BERTH_API_TOO_LARGE.
 */
export function decodeYaml(bytes: Buffer): DecodedJson {
  const text = bytes.toString("utf8");
  if (/^\s*[{[]/.test(text)) {
    try {
      return decodeJson(text);
    } catch (error) {
      if (!isBerthError(error, malformedObject)) throw error;
    }
  }
  if (bytes.length > mostBytes) {
    throw new BerthError(
      objectTooLarge,
      `the body has ${bytes.length} bytes of YAML; at most ${mostBytes} are taken, and more as JSON`,
    );
  }
  const { json, repeated } = asJson(text);
  return {
    ...decodeJson(json),
    duplicates: repeated.map(({ path }) => path),
    complaints: repeated.map(
      ({ line, name }) => `line ${line}: key ${JSON.stringify(name)} already set in map`,
    ),
  };
}

interface RepeatedKey {
  readonly path: string;
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
}

function asJson(text: string): { json: string; repeated: readonly RepeatedKey[] } {
  try {
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { ...options, lineCounter });
    const [error] = document.errors;
    if (error) throw error;
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    // A value that holds itself has no JSON.
    return { json: JSON.stringify(value, exactly) ?? "null", repeated: repeatedKeys(document, lineCounter) };
  } catch (error) {
    const why = errorMessage(error);
    // The parser calls itself for each level.
    if (why.includes("call stack"))
      throw new BerthError(objectTooLarge, "the body nests more objects and lists than are taken", {
        cause: error,
      });
    throw new BerthError(malformedObject, `the body is not YAML: ${why}`, { cause: error });
  }
}

/** Whole numbers are kept digit by digit. */
const exactly = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? exactInteger(String(value)) : value;

function repeatedKeys({ contents }: Document, lines: LineCounter): RepeatedKey[] {
  const found: RepeatedKey[] = [];
  const visit = (node: unknown, path: string): void => {
    if (isSeq(node)) node.items.forEach((item, index) => visit(item, `${path}[${index}]`));
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      const here = path === "" ? name : `${path}.${name}`;
      if (seen.has(name)) {
        const start = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        found.push({ path: here, name, line: lines.linePos(start).line });
      }
      seen.add(name);
      visit(value, here);
    }
  };
  visit(contents, "");
  return found;
}
