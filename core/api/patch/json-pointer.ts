import { BerthError } from "@berth/base";
import { patchDoesNotApply } from "./patch-error.ts";

/**
 * Takes a JSON pointer (RFC 6901) apart: `/a~1b/0` is `["a/b", "0"]`, the empty one is the document. As clients of Kubernetes
 * are used to, nobody looks at what stands before the first slash.
 */
export function parsePointer(text: unknown, where: string): readonly string[] {
  if (typeof text !== "string") throw new BerthError(patchDoesNotApply, `${where} is no JSON pointer`);
  return text
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function isPrefix(prefix: readonly string[], of: readonly string[]): boolean {
  return prefix.length <= of.length && prefix.every((segment, index) => segment === of[index]);
}
