import type { Answer } from "./exchange.ts";

const identifier = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
/** Signed tokens: three parts of base64url. */
const token = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** What a client's certificate is known by; another one each time. */
const certificate = /X509SHA256=[0-9a-f]{64}/g;
/** The volume with the token that each pod is given. */
const tokenVolume = /\bkube-api-access-[a-z0-9]{5}\b/g;

/** The revision that a server has come to. */
const current = /(?<=Too large resource version: \d+, current: )\d+/;
const revisionInYaml = /(?<=\bresourceVersion: ")[1-9]\d*(?=")/g;

type Members = Record<string, unknown>;

/** The answer without what is another one each time: identifiers, revisions, times, what is given out at random. */
export function normalise(answer: Answer): Answer {
  return { ...answer, body: withoutChance(answer.body) };
}

function withoutChance(value: unknown): unknown {
  if (typeof value === "string") {
    return value
      .replaceAll(identifier, "<uid>")
      .replaceAll(time, "<time>")
      .replaceAll(token, "<token>")
      .replaceAll(certificate, "X509SHA256=<hash>")
      .replaceAll(tokenVolume, "kube-api-access-<random>")
      .replace(current, "<revision>")
      .replaceAll(revisionInYaml, "<revision>");
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
  if (name === "resourceVersion" && isText && /^[1-9]\d*$/.test(member)) return "<revision>";
  if (name === "cells" && Array.isArray(member))
    return member.map((cell) =>
      typeof cell === "string" && /^\d+s$/.test(cell) ? "<age>" : withoutChance(cell),
    );
  if (name === "continue" && isText && member !== "") return "<continue>";
  if (name === "name" && isText && typeof generateName === "string" && member.startsWith(generateName))
    return `${generateName}<random>`;
  if (name === "clusterIP" && isText && /^10\./.test(member)) return "<address>";
  if (name === "clusterIPs" && Array.isArray(member))
    return member.map((one) => chanceOf("clusterIP", one, {}));
  if ((name === "nodePort" || name === "healthCheckNodePort") && typeof member === "number") return "<port>";
  return withoutChance(member);
}
