import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { pause } from "@berth/base";
import { identifyProcess } from "@berth/linux";
import { environment as names, type PluginHello } from "@berth/verbs/handshake.ts";
import { hashToken } from "../launch/check-hello.ts";
import { chooseVersions } from "../launch/choose-versions.ts";
import type { Handshake } from "../launch/handshake-server.ts";
import { adoptedProcess } from "../launch/managed-process.ts";
import { socketServer } from "../launch/socket-server.ts";
import { Incarnation } from "./incarnation.ts";
import type { InstanceParts } from "./instance-parts.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { programOf } from "./program-of.ts";

/** Between two looks for a process that cannot say hello, in milliseconds. */
const lookMs = 200;

/** How somebody's own process becomes an incarnation: it is started with this environment and says hello, or, without the SDK, serves. */
export interface Invitation {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What of the environment nobody else may read. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly arrived: Promise<Incarnation>;
  withdraw(): void;
}

/**
 * `refused`: somebody came with the invitation and was not let in. One with the SDK says hello, and the token alone decides who is let in;
 * any other is whoever serves on the socket of the invitation, in a folder where the host's user alone may make one.
 */
export function inviteGuest(
  parts: InstanceParts,
  plan: LaunchPlan,
  number: number,
  refused: (reason: string) => void,
): Invitation {
  const token = randomBytes(32).toString("base64url");
  const arrived = Promise.withResolvers<Incarnation>();
  writeFileSync(parts.paths.config(number), JSON.stringify(plan.config), { mode: 0o600 });
  const welcome = (pid: number, handshake: Promise<Handshake>, unexpect: () => void): void => {
    const identity = identifyProcess(pid);
    const process = identity && adoptedProcess(identity, parts.watcher);
    if (!identity || !process) return refused("the process ended as soon as it had come");
    const record = {
      plugin: parts.plugin,
      incarnation: number,
      identity,
      tokenHash: hashToken(token),
      startedAt: new Date(parts.clock.now()).toISOString(),
      oomKills: 0,
      plan,
    };
    arrived.resolve(Incarnation.guest(parts, record, process, { handshake, unexpect }));
  };
  const withdraw = plan.manifest.sdk
    ? expectGuest(parts, plan, number, { tokenHash: hashToken(token), welcome, refused })
    : awaitServer(parts, number, (pid) => welcome(pid, noHandshake(), () => {}), arrived.reject);
  const { command, environment } = programOf(parts, plan, number, token);
  const { [names.token]: secret = "", ...rest } = environment;
  return {
    command,
    folder: plan.folder,
    environment: rest,
    secrets: { [names.token]: secret },
    arrived: arrived.promise,
    withdraw,
  };
}

/** Somebody with the SDK; answers how to stop expecting him. */
function expectGuest(
  parts: InstanceParts,
  plan: LaunchPlan,
  number: number,
  guest: {
    tokenHash: string;
    welcome(pid: number, handshake: Promise<Handshake>, unexpect: () => void): void;
    refused(reason: string): void;
  },
): () => void {
  let peer: number | undefined;
  const unexpect = parts.handshakes.expect(number, {
    instance: parts.instance,
    tokenHash: guest.tokenHash,
    isOwn: (pid) => {
      peer = pid;
      return true;
    },
    choose: (hello: PluginHello) => chooseVersions(hello.contracts, plan.manifest.contract),
    accepted: (handshake) => guest.welcome(peer ?? handshake.hello.pid, Promise.resolve(handshake), unexpect),
    refused: (reason) => guest.refused(reason),
  });
  return unexpect;
}

/** Somebody without the SDK: looks until a process serves on the socket. Answers how to stop looking. */
function awaitServer(
  { clock, paths }: InstanceParts,
  number: number,
  serves: (pid: number) => void,
  failed: (error: unknown) => void,
): () => void {
  const withdrawn = new AbortController();
  const look = async (): Promise<void> => {
    while (!withdrawn.signal.aborted) {
      const server = await socketServer(paths.endpoint(number));
      if (server?.pid !== undefined) return serves(server.pid);
      await pause(clock, lookMs, withdrawn.signal);
    }
  };
  rmSync(paths.endpoint(number), { force: true });
  look().catch(failed);
  return () => withdrawn.abort();
}

function noHandshake(): Promise<Handshake> {
  const never = Promise.reject<Handshake>(new Error("a plugin without the SDK says no hello"));
  // Asked for only where a hello is expected.
  never.catch(() => {});
  return never;
}
