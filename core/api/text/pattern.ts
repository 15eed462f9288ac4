import { RE2JS } from "re2js";

/** A regular expression as the API takes them: RE2's syntax, and time that grows with the text alone. */
export interface Pattern {
  /** Whether it matches anywhere in the text. */
  found(text: string): boolean;
}

/** @returns undefined for what is no regular expression */
export function parsePattern(source: string): Pattern | undefined {
  try {
    const compiled = RE2JS.compile(source);
    return { found: (text) => compiled.matcher(text).find() };
  } catch {
    return undefined;
  }
}
