import { BerthError } from "@berth/base";
import { malformedPatch } from "./patch-error.ts";

/** Takes a JSON pointer (RFC 6901) apart: `/a~1b/0` is `["a/b", "0"]`, the empty one is the document. */
export function parsePointer(text: unknown, where: string): readonly string[] {
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/"))) {
    throw new BerthError(
      malformedPatch,
      `${where}: ${JSON.stringify(text)} is no JSON pointer: it starts with "/"`,
    );
  }
  if (text === "") return [];
  return text
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function isPrefix(prefix: readonly string[], of: readonly string[]): boolean {
  return prefix.length <= of.length && prefix.every((segment, index) => segment === of[index]);
}
