import { createHash, timingSafeEqual } from "node:crypto";
import type { PluginHello } from "@berth/verbs/handshake.ts";

/** The process that is let in. */
export interface Expected {
  readonly instance: string;
  /** Hex SHA-256 of the token; the host keeps no token once it has given it away. */
  readonly tokenHash: string;
  /** True for the process that was started, or a descendant of it. */
  readonly isOwn: (pid: number) => boolean;
}

export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Undefined when the line is not a hello of a version that this host understands. */
export function parseHello(line: string): PluginHello | undefined {
  let value: Partial<PluginHello> | null;
  try {
    value = JSON.parse(line) as Partial<PluginHello> | null;
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || value.berth !== 1) return undefined;
  const { instance, incarnation, token, pid, sdk, contracts } = value;
  if (typeof instance !== "string" || typeof token !== "string" || typeof sdk !== "string") return undefined;
  if (!Number.isSafeInteger(incarnation) || !Number.isSafeInteger(pid)) return undefined;
  if (!Array.isArray(contracts) || !contracts.every(isContract)) return undefined;
  return { ...(value as PluginHello), adopted: value.adopted === true };
}

function isContract(value: unknown): boolean {
  const { name, versions } = (value ?? {}) as { name?: unknown; versions?: unknown };
  return (
    typeof name === "string" && Array.isArray(versions) && versions.every((one) => typeof one === "string")
  );
}

/** Why the caller is not let in, as one sentence without any secret in it; undefined when it is. */
export function checkHello(
  hello: PluginHello | undefined,
  expected: Expected | undefined,
  peerPid: number | undefined,
): string | undefined {
  if (!hello) return "the first line is not a hello of version 1";
  if (!expected) return `incarnation ${hello.incarnation} of ${hello.instance} is not expected`;
  if (hello.instance !== expected.instance) {
    return `the hello is for ${hello.instance}, but this socket belongs to ${expected.instance}`;
  }
  const given = Buffer.from(hashToken(hello.token));
  if (!timingSafeEqual(given, Buffer.from(expected.tokenHash)))
    return "the token is not the one that was given";
  if (peerPid !== undefined && !expected.isOwn(peerPid)) {
    return `process ${peerPid} is not the one that was started`;
  }
  return undefined;
}
