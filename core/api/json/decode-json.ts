import { BerthError } from "@berth/base";
import { malformedObject, objectTooLarge } from "../errors/decode-error.ts";
import { parseExact } from "./exact-parser.ts";
import { syntaxError } from "./syntax-error.ts";
import { countMembers, scanJson } from "./scan-json.ts";

export interface JsonLimits {
  /** Bytes of text; kube-apiserver takes 3 MiB. */
  readonly maxBytes: number;
  /** Objects and lists within each other. */
  readonly maxDepth: number;
}

export const defaultJsonLimits: JsonLimits = { maxBytes: 3 * 1024 * 1024, maxDepth: 200 };
/** For what is our own, or has passed the limits before. */
export const noJsonLimits: JsonLimits = {
  maxBytes: Number.POSITIVE_INFINITY,
  maxDepth: Number.POSITIVE_INFINITY,
};

export interface DecodedJson {
  readonly value: unknown;
  /** Paths of members that occur more than once in their object. */
  readonly duplicates: readonly string[];
  /** What YAML says of these members, where it was YAML: `line 9: key "foo" already set in map`. */
  readonly complaints?: readonly string[];
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads JSON from outside. Whole numbers beyond 2^53 come back as {@link ExactInteger}.
 * @throws BerthError BERTH_API_MALFORMED or BERTH_API_TOO_LARGE.
 */
export function decodeJson(body: Uint8Array | string, limits: JsonLimits = defaultJsonLimits): DecodedJson {
  if (body.length > limits.maxBytes) {
    throw new BerthError(
      objectTooLarge,
      `the body has ${body.length} bytes; at most ${limits.maxBytes} are taken`,
    );
  }
  const text = typeof body === "string" ? body : decodeText(body);
  const scan = scanJson(text);
  if (scan.depth > limits.maxDepth) {
    throw new BerthError(
      objectTooLarge,
      `the body nests ${scan.depth} objects and lists; at most ${limits.maxDepth} are taken`,
    );
  }
  const value = parse(text);
  const plain = !scan.longNumber && countMembers(value) === scan.members;
  return plain ? { value, duplicates: [] } : parseExact(text);
}

function decodeText(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (error) {
    throw new BerthError(malformedObject, "the body is not UTF-8 text", { cause: error });
  }
}

/** As upstream shows the beginning of what it cannot read. */
function summaryOf(text: string): string {
  const bytes = Buffer.from(text);
  const begin = bytes.subarray(0, 30);
  return begin.toString(text.startsWith("{") ? "utf8" : "hex") + (bytes.length > 30 ? " ..." : "");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const syntax = syntaxError(text);
    throw new BerthError(malformedObject, `the body is not JSON: ${syntax}`, {
      cause: error,
      fields: { syntax, text: summaryOf(text) },
    });
  }
}
