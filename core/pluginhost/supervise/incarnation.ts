import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { Connection } from "@berth/verbs";
import type { LastCause } from "../contracts/plugin-types.ts";
import { hashToken } from "../launch/check-hello.ts";
import { endProcess } from "../launch/end-process.ts";
import type { Handshake } from "../launch/handshake-server.ts";
import { capabilitiesOf, launchCommand } from "../launch/launch-command.ts";
import { adoptedProcess, type ManagedProcess, type ProcessOutcome } from "../launch/managed-process.ts";
import { ownNamespaces } from "../launch/own-namespaces.ts";
import { giveToUser } from "../launch/own-user.ts";
import { spawnLogged } from "../launch/spawn-logged.ts";
import { bury } from "./bury.ts";
import { expectHello, type Greeting } from "./expect-hello.ts";
import type { InstanceParts } from "./instance-parts.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { type ProcessRecord, recordKey } from "./process-record.ts";
import { programOf } from "./program-of.ts";

const termPatienceMs = 5000;

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
    const tokenHash = hashToken(token);
    let own: ManagedProcess | undefined;
    const greeting = expectHello(parts, { plan, incarnation, tokenHash }, () => own?.identity.pid);
    try {
      parts.groups?.create(plan.limits, uid);
      const oomKills = parts.groups?.control.readOomKills() ?? 0;
      own = await startProcess(parts, plan, incarnation, token);
      const record: ProcessRecord = {
        plugin: parts.plugin,
        incarnation,
        identity: own.identity,
        tokenHash,
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
    const greeting = expectHello(parts, record, () => record.identity.pid);
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

  async #bury(outcome: ProcessOutcome): Promise<LastCause> {
    this.#unexpect();
    this.connection.dispose();
    return bury(this.#parts, this.#record, outcome, () => this.#endedByHost);
  }
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
