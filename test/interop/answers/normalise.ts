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
  // We speak no protobuf, and tell nobody of streams.
  [/, application\/vnd\.kubernetes\.protobuf(;stream=watch)?|, application\/json;stream=watch/g, ""],
  // Revisions in sentences, in objects that are shown in sentences, and in YAML.
  [/(?<=Too large resource version: \d+, current: )\d+/g, "<revision>"],
  [/(?<=ResourceVersion in record \()\d+/g, "<revision>"],
  [/(?<="resourceVersion\\?":\\?")\d+/g, "<revision>"],
  [/(?<=\bresourceVersion: ")[1-9]\d*(?=")/g, "<revision>"],
];

/** What a server is made of. */
const builtWith: ReadonlySet<string> = new Set(["gitVersion", "gitCommit", "goVersion", "compiler"]);

type Members = Record<string, unknown>;

/** The answer without what is another one each time: identifiers, revisions, times, what is given out at random. */
export function normalise(answer: Answer): Answer {
  const { warnings, body } = answer;
  return {
    ...answer,
    ...(warnings && { warnings: withoutChance(warnings) as string[] }),
    body: withoutChance(withoutGivenName(body)),
  };
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
  if (Array.isArray(value)) return value.filter(isShared).map((item) => withoutChance(item));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    // Owners are known by their identifiers.
    name.startsWith("k:") ? withoutChance(name) : name,
    chanceOf(name, member, value as Members),
  ]);
  return Object.fromEntries(members) as unknown;
}

/** The group of our own kinds stands among the others. */
function isShared(item: unknown): boolean {
  const { metadata, name } = (item ?? {}) as { metadata?: { name?: unknown }; name?: unknown };
  return (metadata?.name ?? name) !== "berth.dev";
}

function chanceOf(name: string, member: unknown, { generateName, kind }: Members): unknown {
  const isText = typeof member === "string";
  // Kubernetes has a controller for it, which is not at work; here the server checks types itself.
  if (name === "status" && kind === "ValidatingAdmissionPolicy" && typeof member === "object") {
    const { observedGeneration: _, typeChecking: _checks, ...rest } = member as Members;
    return withoutChance(rest);
  }
  // It is called after its file.
  if (name === "manager" && isText) return member.replace(/^kube-apiserver-v.*/, "kube-apiserver");
  if (isText && builtWith.has(name)) return "<build>";
  if (name === "resourceVersion" && isText && /^[1-9]\d*$/.test(member)) return "<revision>";
  if (name === "cells" && Array.isArray(member))
    return member.map((cell) => (typeof cell === "string" ? withoutChanceInCell(cell) : withoutChance(cell)));
  // Ours are those of the fields' documentation, or sentences of our own.
  if (name === "columnDefinitions" && Array.isArray(member))
    return (member as Members[]).map((column) => ({
      ...column,
      description: column["description"] && "<description>",
    }));
  if (name === "managedFields" && Array.isArray(member)) return withoutChance(byManager(member as Members[]));
  if (name === "causes" && Array.isArray(member)) return withoutChance(byConflict(member as Members[]));
  if (name === "continue" && isText && member !== "") return "<continue>";
  if (name === "name" && isText && typeof generateName === "string" && member.startsWith(generateName))
    return `${generateName}<random>`;
  if (name === "clusterIP" && isText && member.startsWith("10.")) return "<address>";
  if (name === "clusterIPs" && Array.isArray(member))
    return member.map((one) => chanceOf("clusterIP", one, {}));
  if ((name === "nodePort" || name === "healthCheckNodePort") && typeof member === "number") return "<port>";
  return withoutChance(member);
}

/** Ages of what was made just now, those that are counted in years, and addresses that services are given. */
function withoutChanceInCell(cell: string): unknown {
  if (/^10\.96\.\d+\.\d+$/.test(cell)) return "<address>";
  return /^\d+s$/.test(cell) ? "<age>" : withoutChance(cell.replaceAll(/\b\d+y(\d+d)?\b/g, "<age>"));
}

/** Their order is that of seconds in which they wrote. */
function byManager(entries: readonly Members[]): Members[] {
  const rank = ({ operation, manager, subresource, apiVersion }: Members): string =>
    JSON.stringify([operation, manager, subresource, apiVersion]);
  return entries.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Owners in conflict are told in the order of a Go map. */
function byConflict(causes: readonly Members[]): readonly Members[] {
  if (!causes.every(({ reason }) => reason === "FieldManagerConflict")) return causes;
  return causes.toSorted((a, b) => (String(a["message"]) < String(b["message"]) ? -1 : 1));
}
