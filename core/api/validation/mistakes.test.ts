import { describe, expect, test } from "vitest";
import { goodObjects } from "./good-objects.ts";
import mistakes from "./mistakes.txt?raw";
import { type Loose, wrong } from "./objects-under-test.ts";

/**
 * `mistakes.txt` holds what a real server tells of wrong objects. A line without blanks before it names a kind. One below it with two
 * blanks says what is put into the good object of the kind: paths and JSON, several with ` ; ` between them. Those below that
 * with four are all the sentences that are told, in their order; none when the object is taken.
 */
interface Mistake {
  readonly kind: string;
  readonly changes: string;
  readonly sentences: string[];
}

const name = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an";
const lower = "must consist of lower case alphanumeric characters";
const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const searched = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

/** Sentences that are told of many fields. */
const usual: Readonly<Record<string, string>> = {
  label: `a lowercase RFC 1123 label ${lower} or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  subdomain: `a lowercase RFC 1123 subdomain ${lower}, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`,
  "search domain": `a lowercase RFC 1123 subdomain ${lower}, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${searched}(\\.${searched})*')`,
  "old label": `a DNS-1035 label ${lower} or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
  wildcard: `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which ${lower}, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.${label}(\\.${label})*')`,
  "name part": `name part ${name} alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  "label value": `a valid label must be an empty string or ${name.slice(5)} alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  key: "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  percent:
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
  address: "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
  range: "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
};

function inFull(sentence: string): string {
  return sentence.replace(/<([a-z ]+)>/g, (text, of: string) => usual[of] ?? text);
}

function read(text: string): Mistake[] {
  const found: Mistake[] = [];
  let kind = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("    ")) found.at(-1)!.sentences.push(inFull(line.slice(4)));
    else if (line.startsWith("  ")) found.push({ kind, changes: line.slice(2), sentences: [] });
    else kind = line;
  }
  return found;
}

function changed(object: Loose, changes: string): Loose {
  const copy = structuredClone(object);
  for (const change of changes.split(" ; ")) {
    const [, path = "", json = ""] = /^(\S+) = (.*)$/.exec(change) ?? [];
    const steps = path.split(".");
    const last = steps.pop()!;
    const parent = steps.reduce((at, step) => (at[step] ??= {}) as Loose, copy);
    parent[last] = JSON.parse(json);
  }
  return copy;
}

const rows = read(mistakes);

test.each(Object.keys(goodObjects))("%s has a good object", (kind) => {
  expect(wrong(kind, goodObjects[kind]!)).toEqual([]);
});

describe("what a real server tells of", () => {
  test.each(rows)("$kind with $changes", ({ kind, changes, sentences }) => {
    expect(wrong(kind, changed(goodObjects[kind] ?? {}, changes))).toEqual(sentences);
  });
});
