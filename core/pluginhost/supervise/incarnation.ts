import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { errorMessage } from "@berth/base";
import { listDescendants } from "@berth/linux";
import { Connection, type PluginHello } from "@berth/verbs";
import type { LastCause } from "../contracts/plugin-types.ts";
import { hashToken } from "../launch/check-hello.ts";
import { chooseVersions } from "../launch/choose-versions.ts";
import { endProcess } from "../launch/end-process.ts";
import type { Handshake } from "../launch/handshake-server.ts";
import { capabilitiesOf, launchCommand } from "../launch/launch-command.ts";
import { adoptedProcess, type ManagedProcess, type ProcessOutcome } from "../launch/managed-process.ts";
import { ownNamespaces } from "../launch/own-namespaces.ts";
import { giveToUser } from "../launch/own-user.ts";
import { pruneLogs, readLogEnd, spawnLogged } from "../launch/spawn-logged.ts";
import { type LaunchPlan, type ProcessRecord, recordKey } from "./launch-plan.ts";
import { lastCause, logTail } from "./last-cause.ts";
import type { InstanceParts } from "./instance-parts.ts";
import { programOf } from "./program-of.ts";

const termPatienceMs = 5000;
const keptLogs = 5;

/** One process of a plugin, from its start (or adoption) to its last cause. */
export class Incarnation {
  #record: ProcessRecord;
  readonly process: ManagedProcess;
  /** For the life of the plugin: describe, configure, health. Calls of others have a connection of their own. */
  readonly connection: Connection;
  readonly ended: Promise<LastCause>;
  readonly #parts: InstanceParts;
  readonly #handshake: Promise<Handshake>;
  readonly #unexpect: () => void;
  #endedByHost: string | undefined;

  private constructor(
    parts: InstanceParts,
    record: ProcessRecord,
    process: ManagedProcess,
    greeting: Greeting,
  ) {
    this.#parts = parts;
    this.#record = record;
    this.process = process;
    this.#handshake = greeting.handshake;
    this.#unexpect = greeting.unexpect;
    this.connection = new Connection(`unix://${parts.paths.endpoint(record.incarnation)}`);
    this.ended = process.ended.then((outcome) => this.#bury(outcome));
  }

  /** Starts the plan's program. Rejects when the kernel refuses; what the program itself does is seen later. */
  static async launch(parts: InstanceParts, plan: LaunchPlan, incarnation: number): Promise<Incarnation> {
    const { paths } = parts;
    await rm(paths.endpoint(incarnation), { force: true });
    // A plugin of the same name that was deleted had a process of the same number.
    await rm(paths.log(incarnation), { force: true });
    await writeFile(paths.config(incarnation), JSON.stringify(plan.config), { mode: 0o600 });
    const { uid } = plan.user;
    if (uid !== undefined) await giveToUser(paths, incarnation, uid);
    const token = randomBytes(32).toString("base64url");
    let own: ManagedProcess | undefined;
    const greeting = expectHello(parts, plan, incarnation, hashToken(token), () => own?.identity.pid);
    try {
      parts.groups?.create(plan.limits, uid);
      const oomKills = parts.groups?.control.readOomKills() ?? 0;
      own = await startProcess(parts, plan, incarnation, token);
      const record: ProcessRecord = {
        plugin: parts.plugin,
        incarnation,
        identity: own.identity,
        tokenHash: hashToken(token),
        startedAt: new Date(parts.clock.now()).toISOString(),
        oomKills,
        plan,
      };
      parts.records.put(recordKey(record), record);
      return new Incarnation(parts, record, own, greeting);
    } catch (error) {
      greeting.unexpect();
      // One that could not be recorded would not be found by the next host.
      own?.signal("SIGKILL");
      await own?.ended;
      throw error;
    }
  }

  /** The process of a record that a former host wrote; undefined when it has ended. */
  static adopt(parts: InstanceParts, record: ProcessRecord): Incarnation | undefined {
    const process = adoptedProcess(record.identity, parts.watcher);
    if (!process) return undefined;
    const greeting = expectHello(
      parts,
      record.plan,
      record.incarnation,
      record.tokenHash,
      () => record.identity.pid,
    );
    return new Incarnation(parts, record, process, greeting);
  }

  /** A process that somebody else started and that was let in. It is not recorded: no later host adopts it. */
  static guest(
    parts: InstanceParts,
    record: ProcessRecord,
    process: ManagedProcess,
    greeting: Greeting,
  ): Incarnation {
    return new Incarnation(parts, record, process, greeting);
  }

  /** The last cause of a process that ended while no host looked. */
  static async obituary(parts: InstanceParts, record: ProcessRecord): Promise<LastCause> {
    return bury(parts, record, {}, undefined);
  }

  get number(): number {
    return this.#record.incarnation;
  }

  get plan(): LaunchPlan {
    return this.#record.plan;
  }

  get pid(): number {
    return this.#record.identity.pid;
  }

  /** ISO 8601. */
  get startedAt(): string {
    return this.#record.startedAt;
  }

  /** The living process took another configuration. */
  reconfigured(config: LaunchPlan["config"]): void {
    this.#record = { ...this.#record, plan: { ...this.#record.plan, config } };
    this.#parts.records.put(recordKey(this.#record), this.#record);
  }

  /** The first handshake, or the renewed one of an adopted process. Rejects with the sentence of a refusal. */
  handshake(): Promise<Handshake> {
    return this.#handshake;
  }

  /** TERM, then KILL. `reason` becomes part of the last cause. */
  async end(reason: string): Promise<LastCause> {
    this.expectEnd(reason);
    await endProcess(this.process, this.#parts.clock, termPatienceMs);
    return this.ended;
  }

  /** For a process that cannot be expected to listen. */
  async kill(reason: string): Promise<LastCause> {
    this.expectEnd(reason);
    this.process.signal("SIGKILL");
    return this.ended;
  }

  /** It is asked to end by itself; what follows is no crash. */
  expectEnd(reason: string): void {
    if (!this.process.hasEnded) this.#endedByHost ??= reason;
  }

  /** Lets go of a process that shall be adopted by the next host. */
  leave(): void {
    this.#unexpect();
    this.connection.dispose();
  }

  #bury(outcome: ProcessOutcome): Promise<LastCause> {
    this.#unexpect();
    this.connection.dispose();
    return bury(this.#parts, this.#record, outcome, () => this.#endedByHost);
  }
}

/** Removes what belonged to one process and gathers what is known about its end. */
async function bury(
  parts: InstanceParts,
  record: ProcessRecord,
  outcome: ProcessOutcome,
  endedByHost: (() => string | undefined) | undefined,
): Promise<LastCause> {
  const { clock, groups, logger, paths } = parts;
  const { incarnation } = record;
  // Whoever waits for the end must hear of it, on a full disk too; what could not be removed is no reason not to go on.
  const clean = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn("not all of an ended process was removed", { incarnation, error: errorMessage(error) });
    }
  };
  await clean(async () => groups?.sweep(record.identity.pid));
  await clean(() => rm(paths.endpoint(incarnation), { force: true }));
  await clean(() => rm(paths.config(incarnation), { force: true }));
  const stderrTail = logTail(await readLogEnd(paths.log(incarnation)));
  await clean(() => pruneLogs(paths.logs, keptLogs));
  await clean(async () => void parts.records.delete(recordKey(record)));
  const reason = endedByHost?.();
  return lastCause({
    ...outcome,
    at: new Date(clock.now()).toISOString(),
    incarnation,
    pid: record.identity.pid,
    oomKills: Math.max(0, (groups?.control.readOomKills() ?? 0) - record.oomKills),
    stderrTail,
    ...(reason === undefined ? {} : { endedByHost: reason }),
  });
}

export interface Greeting {
  handshake: Promise<Handshake>;
  unexpect: () => void;
}

function expectHello(
  parts: InstanceParts,
  plan: LaunchPlan,
  incarnation: number,
  tokenHash: string,
  ownPid: () => number | undefined,
): Greeting {
  const answer = Promise.withResolvers<Handshake>();
  // A program without the SDK says no hello, and one that ends before it is asked about it ends for another reason.
  answer.promise.catch(() => {});
  const isOwn = (pid: number): boolean => {
    const own = ownPid();
    return own !== undefined && (pid === own || listDescendants(own).some((process) => process.pid === pid));
  };
  const unexpect = parts.handshakes.expect(incarnation, {
    instance: parts.instance,
    tokenHash,
    isOwn,
    choose: (hello: PluginHello) => chooseVersions(hello.contracts, plan.manifest.contract),
    accepted: answer.resolve,
    refused: (reason) => answer.reject(new Error(`the handshake was refused: ${reason}`)),
  });
  return { handshake: answer.promise, unexpect };
}

async function startProcess(parts: InstanceParts, plan: LaunchPlan, incarnation: number, token: string) {
  const { command, environment } = programOf(parts, plan, incarnation, token);
  const launch = launchCommand({
    command,
    cgroupFolders: parts.groups?.control.folders ?? [],
    dieWithHost: plan.manifest.lifetime === "with-host",
    uid: plan.user.uid,
    capabilities: capabilitiesOf(plan.manifest),
    namespaces: ownNamespaces(plan.user),
  });
  const log = parts.paths.log(incarnation);
  return spawnLogged({ ...launch, env: environment, folder: plan.folder, log });
}
