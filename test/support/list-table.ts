import { expect } from "vitest";

export const forbidden = "resourceVersionMatch: Forbidden: resourceVersionMatch";
const invalid = 'ListOptions.meta.k8s.io "" is invalid:';
const tooOldToContinue =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list " +
  "without the continue parameter, or use the continue token in this response to retrieve the remainder of the " +
  "results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
  "modified, or deleted between the time the first chunk was returned and now may show up in the list.";

export interface Stage {
  /** Before b was made. */
  readonly old: string;
  readonly now: string;
  /** Before everything that is still known. */
  readonly compacted: string;
  /** A continue token of `now`, after the second of five. */
  readonly token: string;
  readonly staleToken: string;
}

export interface Refused {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** What a list answers: names and what stands in its metadata, or the head of a Status. */
type Expected = { names: string; at?: keyof Stage; remaining?: number; more?: boolean } | Refused;

const like = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const bad = (message: string): Refused => ({ code: 400, reason: "BadRequest", message });
export const wrong = (message: string): Refused => ({
  code: 422,
  reason: "Invalid",
  message: `${invalid} ${message}`,
});
const gone = (message: string): Refused => ({ code: 410, reason: "Expired", message });
const tooLarge: Refused = {
  code: 504,
  reason: "Timeout",
  message: like(/^Timeout: Too large resource version: 999999999, current: \d+$/),
};
const all = { names: "a b c d e" };

/** `{name}` stands for what the stage has under that name. */
export const lists: readonly [query: string, expected: Expected][] = [
  ["", all],
  ["resourceVersion=", all],
  ["resourceVersion=0", all],
  ["resourceVersion={old}", all],
  ["resourceVersion={compacted}", all],
  ["resourceVersion=999999999", tooLarge],
  [
    "resourceVersion=18446744073709551615",
    { code: 504, reason: "Timeout", message: like(/18446744073709551615/) },
  ],
  [
    "resourceVersion=18446744073709551616",
    bad(like(/^invalid resource version: resourceVersion: Invalid value: "18446744073709551616"/)),
  ],
  ["resourceVersion=soon", bad(like(/resourceVersion: Invalid value: "soon"/))],
  ["limit=2", { names: "a b", at: "now", remaining: 3, more: true }],
  ["limit=5", { names: "a b c d e", more: false }],
  ["limit=0", all],
  ["limit=2&resourceVersion=0", all],
  ["limit=2&resourceVersion={old}", { names: "a c", at: "old", remaining: 2, more: true }],
  ["limit=2&resourceVersion={compacted}", gone("The resourceVersion for the provided list is too old.")],
  ["limit=2&resourceVersion=999999999", tooLarge],
  ["limit=x", bad(like(/^strconv.ParseInt: parsing "x": invalid syntax/))],
  ["limit=2&labelSelector=even%3Dyes", { names: "b d", more: true }],
  ["limit=1&labelSelector=even%3Dyes", { names: "b", more: true }],
  ["fieldSelector=metadata.name%3Dc", { names: "c" }],
  ["fieldSelector=metadata.name%21%3Dc&labelSelector=even%21%3Dyes", { names: "a e" }],
  ["resourceVersionMatch=Exact", wrong(`${forbidden} is forbidden unless resourceVersion is provided`)],
  [
    "resourceVersionMatch=NotOlderThan",
    wrong(`${forbidden} is forbidden unless resourceVersion is provided`),
  ],
  [
    "resourceVersionMatch=Exact&resourceVersion=0",
    wrong(`${forbidden} "exact" is forbidden for resourceVersion "0"`),
  ],
  [
    "resourceVersionMatch=Roughly&resourceVersion=1",
    wrong(
      'resourceVersionMatch: Unsupported value: "Roughly": supported values: "Exact", "NotOlderThan", ""',
    ),
  ],
  ["resourceVersionMatch=Exact&resourceVersion={old}", { names: "a c d e", at: "old", more: false }],
  ["resourceVersionMatch=Exact&resourceVersion={now}", { names: "a b c d e", at: "now" }],
  ["resourceVersionMatch=Exact&resourceVersion={old}&limit=3", { names: "a c d", at: "old", remaining: 1 }],
  [
    "resourceVersionMatch=Exact&resourceVersion={old}&labelSelector=even%3Dyes",
    { names: "d", at: "old", more: false },
  ],
  [
    "resourceVersionMatch=Exact&resourceVersion={compacted}",
    gone("The resourceVersion for the provided list is too old."),
  ],
  ["resourceVersionMatch=Exact&resourceVersion=999999999", tooLarge],
  ["resourceVersionMatch=NotOlderThan&resourceVersion={old}", all],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=0", all],
  ["resourceVersionMatch=NotOlderThan&resourceVersion={old}&limit=2", { names: "a b", remaining: 3 }],
  ["resourceVersionMatch=NotOlderThan&resourceVersion={compacted}", all],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=999999999", tooLarge],
  ["continue={token}", { names: "c d e", at: "now", more: false }],
  ["continue={token}&limit=2", { names: "c d", at: "now", remaining: 1, more: true }],
  ["continue={token}&resourceVersion=0", { names: "c d e", at: "now" }],
  [
    "continue={token}&resourceVersion={old}",
    bad("specifying resource version is not allowed when using continue"),
  ],
  [
    "continue={token}&resourceVersionMatch=NotOlderThan&resourceVersion={old}",
    wrong(`${forbidden} is forbidden when continue is provided`),
  ],
  [
    "continue={token}&resourceVersionMatch=Exact",
    wrong(
      `[${forbidden} is forbidden unless resourceVersion is provided, ${forbidden} is forbidden when continue is provided]`,
    ),
  ],
  ["continue={staleToken}", gone(tooOldToContinue)],
  ["continue=AAAA", bad(like(/^invalid continue token: continue key is not valid/))],
  ["sendInitialEvents=true", wrong("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")],
  ["timeoutSeconds=1", all],
  ["timeout=1m", all],
  ["timeout=soon", bad(like(/^invalid timeout specified in the request URL/))],
  ["allowWatchBookmarks=true", all],
];

/** What a watch says in a second: END for the bookmark that closes the present. */
type Said = string | Refused | { readonly error: Refused };

const present = "ADDED a,ADDED b,ADDED c,ADDED d,ADDED e";
export const streamed = "resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

export const watches: readonly [query: string, expected: Said][] = [
  ["", present],
  ["resourceVersion=0", present],
  ["resourceVersion={now}", ""],
  ["resourceVersion={old}", "ADDED b"],
  ["resourceVersion={old}&labelSelector=even%3Dyes", "ADDED b"],
  ["resourceVersion={old}&fieldSelector=metadata.name%3Dc", ""],
  ["resourceVersion={old}&limit=1", "ADDED b"],
  ["resourceVersion={compacted}", { error: gone(like(/^too old resource version: \d+ \(\d+\)$/)) }],
  ["resourceVersion=999999999", ""],
  ["resourceVersion=18446744073709551615&allowWatchBookmarks=true", ""],
  ["resourceVersion=soon", bad(like(/resourceVersion: Invalid value: "soon"/))],
  [
    "resourceVersionMatch=NotOlderThan&resourceVersion={old}",
    wrong(`${forbidden} is forbidden for watch unless sendInitialEvents is provided`),
  ],
  [
    "sendInitialEvents=true",
    wrong(
      "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    ),
  ],
  [
    "sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion={now}",
    wrong(
      "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, " +
        'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    ),
  ],
  [`sendInitialEvents=true&${streamed}`, `${present},END,BOOKMARK`],
  [`sendInitialEvents=true&${streamed}&resourceVersion=0`, `${present},END,BOOKMARK`],
  [`sendInitialEvents=true&${streamed}&resourceVersion={old}`, `${present},END,BOOKMARK`],
  [`sendInitialEvents=true&${streamed}&resourceVersion={compacted}`, `${present},END,BOOKMARK`],
  [`sendInitialEvents=true&${streamed}&labelSelector=even%3Dyes`, "ADDED b,ADDED d,END,BOOKMARK"],
  [`sendInitialEvents=true&${streamed}&resourceVersion=999999999`, tooLarge],
  ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan", present],
  [`sendInitialEvents=false&${streamed}`, "BOOKMARK"],
  [`sendInitialEvents=false&${streamed}&resourceVersion=0`, "BOOKMARK"],
  [`sendInitialEvents=false&${streamed}&resourceVersion={old}`, "ADDED b,BOOKMARK"],
  [`sendInitialEvents=false&${streamed}&resourceVersion=999999999`, ""],
];

/** One object. */
export const gets: readonly [query: string, code: number][] = [
  ["", 200],
  ["?resourceVersion=0", 200],
  ["?resourceVersion={old}", 200],
  ["?resourceVersion={compacted}", 200],
  ["?resourceVersion=999999999", 504],
  ["?resourceVersion=soon", 400],
];
