import type { Answer } from "./exchange.ts";

/** What is another one each time, wherever it stands in a text. */
const chances: readonly (readonly [pattern: RegExp, written: string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  // A signed token: three parts of base64url.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
  // What a client's certificate is known by.
  [/X509SHA256=[0-9a-f]{64}/g, "X509SHA256=<hash>"],
  // The volume with the token that each pod is given.
  [/\bkube-api-access-[a-z0-9]{5}\b/g, "kube-api-access-<random>"],
  // Revisions in sentences, in objects that are shown in sentences, and in YAML.
  [/(?<=Too large resource version: \d+, current: )\d+/g, "<revision>"],
  [/(?<=ResourceVersion in record \()\d+/g, "<revision>"],
  [/(?<="resourceVersion\\?":\\?")\d+/g, "<revision>"],
  [/(?<=\bresourceVersion: ")[1-9]\d*(?=")/g, "<revision>"],
];

type Members = Record<string, unknown>;

/** The answer without what is another one each time: identifiers, revisions, times, what is given out at random. */
export function normalise(answer: Answer): Answer {
  return { ...answer, body: withoutChance(withoutGivenName(answer.body)) };
}

/** Of an object that is refused for what its name is generated from, the name is told too. */
function withoutGivenName(body: unknown): unknown {
  const { details } = (body ?? {}) as { details?: { name?: string; causes?: { field?: string }[] } };
  const wrong = (details?.causes ?? []).map(({ field }) => field);
  if (!details?.name || !wrong.includes("metadata.generateName") || !wrong.includes("metadata.name"))
    return body;
  return JSON.parse(JSON.stringify(body).replaceAll(details.name, "<generated>")) as unknown;
}

function withoutChance(value: unknown): unknown {
  if (typeof value === "string")
    return chances.reduce((text, [pattern, written]) => text.replaceAll(pattern, written), value);
  if (Array.isArray(value)) return value.map((item) => withoutChance(item));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    chanceOf(name, member, value as Members),
  ]);
  return Object.fromEntries(members) as unknown;
}

function chanceOf(name: string, member: unknown, { generateName }: Members): unknown {
  const isText = typeof member === "string";
  // It is called after its file.
  if (name === "manager" && isText) return member.replace(/^kube-apiserver-v.*/, "kube-apiserver");
  if (name === "resourceVersion" && isText && /^[1-9]\d*$/.test(member)) return "<revision>";
  if (name === "cells" && Array.isArray(member))
    return member.map((cell) =>
      typeof cell === "string" && /^\d+s$/.test(cell) ? "<age>" : withoutChance(cell),
    );
  if (name === "managedFields" && Array.isArray(member)) return withoutChance(byManager(member as Members[]));
  if (name === "continue" && isText && member !== "") return "<continue>";
  if (name === "name" && isText && typeof generateName === "string" && member.startsWith(generateName))
    return `${generateName}<random>`;
  if (name === "clusterIP" && isText && member.startsWith("10.")) return "<address>";
  if (name === "clusterIPs" && Array.isArray(member))
    return member.map((one) => chanceOf("clusterIP", one, {}));
  if ((name === "nodePort" || name === "healthCheckNodePort") && typeof member === "number") return "<port>";
  return withoutChance(member);
}

/** Their order is that of seconds in which they wrote. */
function byManager(entries: readonly Members[]): Members[] {
  const rank = ({ operation, manager, subresource, apiVersion }: Members): string =>
    JSON.stringify([operation, manager, subresource, apiVersion]);
  return entries.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
