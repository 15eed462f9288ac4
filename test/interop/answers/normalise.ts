import type { Answer } from "./exchange.ts";

const identifier = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
/** Signed tokens: three parts of base64url. */
const token = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;

type Members = Record<string, unknown>;

/** The answer without what is another one each time: identifiers, revisions, times, what is given out at random. */
export function normalise(answer: Answer): Answer {
  return { ...answer, body: withoutChance(answer.body) };
}

function withoutChance(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replaceAll(identifier, "<uid>").replaceAll(time, "<time>").replaceAll(token, "<token>");
  }
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
  // The times by which they are in order are of seconds.
  if (name === "managedFields" && Array.isArray(member))
    return (withoutChance(member) as Members[]).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  // It is called after its file.
  if (name === "manager" && isText) return member.replace(/^kube-apiserver-v.*/, "kube-apiserver");
  if (name === "resourceVersion" && isText && /^[1-9]\d*$/.test(member)) return "<revision>";
  if (name === "continue" && isText && member !== "") return "<continue>";
  if (name === "name" && isText && typeof generateName === "string" && member.startsWith(generateName))
    return `${generateName}<random>`;
  if (name === "clusterIP" && isText && /^10\./.test(member)) return "<address>";
  if (name === "clusterIPs" && Array.isArray(member))
    return member.map((one) => chanceOf("clusterIP", one, {}));
  if ((name === "nodePort" || name === "healthCheckNodePort") && typeof member === "number") return "<port>";
  return withoutChance(member);
}

const keyOf = ({ manager, operation, subresource, apiVersion }: Members): string =>
  [manager, operation, subresource, apiVersion].join(" ");
