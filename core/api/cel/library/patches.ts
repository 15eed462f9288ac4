import { global, type Overload, traversal } from "../declarations.ts";

/** `jsonpatch.escapeKey("example.com/env")`: a key as part of a JSON pointer. */
export function patchLibrary(): Overload[] {
  const escape = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");
  return [global("jsonpatch.escapeKey(string): string", escape, traversal())];
}
