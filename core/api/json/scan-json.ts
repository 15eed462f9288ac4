const quote = 34;
const comma = 44;
const colon = 58;
const backslash = 92;
const longestSafeDigits = 15;

/** What a look at the text tells that JSON.parse would hide. */
export interface JsonScan {
  /** Members of all objects, repeated ones counted each time. */
  readonly members: number;
  readonly depth: number;
  /** Some number may not fit a double. */
  readonly longNumber: boolean;
}

/** Counts members and depth and looks for long numbers in one pass that hops over strings; the text must be valid JSON. */
export function scanJson(text: string): JsonScan {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let digits = 0;
  let longNumber = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      if (++digits > longestSafeDigits) longNumber = true;
      continue;
    }
    if (code === quote) at = endOfString(text, at);
    else if (code === colon) members++;
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth);
    else if (code === 125 || code === 93) depth--;
    else if (code !== comma) continue;
    digits = 0;
  }
  return { members, depth: deepest, longNumber };
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    if (end < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}

/** Members of all objects in a parsed value. */
export function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) count += 1 + countMembers(object[key]);
  return count;
}
