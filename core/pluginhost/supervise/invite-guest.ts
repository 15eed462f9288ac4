import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { BerthError } from "@berth/base";
import { identifyProcess } from "@berth/linux";
import { environment as names, type PluginHello } from "@berth/verbs/handshake.ts";
import { cannotDebug } from "../errors.ts";
import { hashToken } from "../launch/check-hello.ts";
import { chooseVersions } from "../launch/choose-versions.ts";
import type { Handshake } from "../launch/handshake-server.ts";
import { adoptedProcess } from "../launch/managed-process.ts";
import { Incarnation } from "./incarnation.ts";
import type { InstanceParts } from "./instance-parts.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { programOf } from "./program-of.ts";

/** How somebody's own process becomes an incarnation: it is started with this environment and says hello. */
export interface Invitation {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What of the environment nobody else may read. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly arrived: Promise<Incarnation>;
  withdraw(): void;
}

/** `refused`: somebody came with the invitation and was not let in. The token alone decides who is: root alone can read it. */
export function inviteGuest(
  parts: InstanceParts,
  plan: LaunchPlan,
  number: number,
  refused: (reason: string) => void,
): Invitation {
  const token = randomBytes(32).toString("base64url");
  const arrived = Promise.withResolvers<Incarnation>();
  let peer: number | undefined;
  writeFileSync(parts.paths.config(number), JSON.stringify(plan.config), { mode: 0o600 });
  const unexpect = parts.handshakes.expect(number, {
    instance: parts.instance,
    tokenHash: hashToken(token),
    isOwn: (pid) => {
      peer = pid;
      return true;
    },
    choose: (hello: PluginHello) => chooseVersions(hello.contracts, plan.manifest.contract),
    accepted: (handshake) => welcome(handshake),
    refused,
  });
  const welcome = (handshake: Handshake): void => {
    const identity = identifyProcess(peer ?? handshake.hello.pid);
    const process = identity && adoptedProcess(identity, parts.watcher);
    if (!identity || !process) return refused("the process ended as soon as it had said hello");
    const record = {
      plugin: parts.plugin,
      incarnation: number,
      identity,
      tokenHash: hashToken(token),
      startedAt: new Date(parts.clock.now()).toISOString(),
      oomKills: 0,
      plan,
    };
    arrived.resolve(
      Incarnation.guest(parts, record, process, { handshake: Promise.resolve(handshake), unexpect }),
    );
  };
  const { command, environment } = programOf(parts, plan, number, token);
  const { [names.token]: secret = "", ...rest } = environment;
  return {
    command,
    folder: plan.folder,
    environment: rest,
    secrets: { [names.token]: secret },
    arrived: arrived.promise,
    withdraw: unexpect,
  };
}

/** Throws BERTH_PLUGIN_DEBUG for a plugin whose process would not say who it is. */
export function checkDebuggable({ manifest }: LaunchPlan): void {
  if (manifest.sdk) return;
  throw new BerthError(
    cannotDebug,
    `${manifest.id} does not use the SDK (sdk: false): its own process could not say hello`,
  );
}
