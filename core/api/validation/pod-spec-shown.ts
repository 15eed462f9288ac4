import type { EphemeralContainer, PodSpec } from "../generated/types.ts";
import { podSpecMembers } from "./pod-spec-members.ts";

interface Member {
  readonly name: string;
  /** As clients write it, in small letters. */
  readonly written: string;
  readonly kind: string;
}

type Loose = Readonly<Record<string, unknown>>;

const zeroes: Readonly<Record<string, unknown>> = { s: "", b: false, n: 0, q: "0" };
const ofHost = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"] as const;

const members: ReadonlyMap<string, readonly Member[]> = new Map(
  Object.entries(podSpecMembers).map(([type, text]) => [type, text.split(" ").map(memberOf)]),
);

function memberOf(text: string): Member {
  const [, name = "", written = name, kind = ""] = /^(\w+)(?:=(\w+))?(?::(.*))?$/.exec(text) ?? [];
  return { name, written: written.toLowerCase(), kind };
}

/** The lines in which upstream shows a pod's spec: every member of its own types, set or not. */
export function shownPodSpec(spec: PodSpec): string[] {
  const host = Object.fromEntries(ofHost.map((member) => [member, spec[member]]));
  const own = { ...spec, securityContext: { ...host, ...spec.securityContext } };
  return linesOf(shown("PodSpec", own));
}

/** As {@link shownPodSpec}, of one of its ephemeral containers. */
export function shownEphemeral(container: EphemeralContainer): string[] {
  return linesOf(shown("EphemeralContainer", { ...container }));
}

function linesOf(value: Loose): string[] {
  const text = JSON.stringify(value, undefined, 1);
  const escaped = text.replaceAll(/[<>&]/g, (one) => `\\u00${one.codePointAt(0)!.toString(16)}`);
  return escaped.split("\n");
}

function shown(type: string, value: Loose): Loose {
  const written = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
  return Object.fromEntries(
    members.get(type)!.map(({ name, written: as, kind }) => [name, shownMember(kind, written.get(as))]),
  );
}

function shownMember(kind: string, value: unknown): unknown {
  if (kind.startsWith("[]")) {
    const items = (value ?? []) as Loose[];
    return items.length === 0 ? null : items.map((item) => shown(kind.slice(2), item));
  }
  if (kind.startsWith("*")) return value ? shown(kind.slice(1), value as Loose) : null;
  if (members.has(kind)) return shown(kind, (value ?? {}) as Loose);
  if (kind === "m" && value) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  }
  return value ?? zeroes[kind] ?? null;
}
