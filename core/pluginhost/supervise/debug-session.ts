import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "@berth/base";
import type { DebugEvent } from "../contracts/plugin-tools.ts";
import { ToldQueue } from "../tools/told-queue.ts";
import type { Incarnation } from "./incarnation.ts";
import { inviteGuest } from "./invite-guest.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import type { Introduction } from "./session.ts";
import { introduceTo } from "./start-incarnation.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { aborted } from "./wake-call.ts";

/** What a supervisor does for the processes of a session. */
export interface DebugHost {
  /** Takes the managed process out of the way. */
  begin(): Promise<void>;
  waiting(incarnation: number): void;
  goLive(incarnation: Incarnation, introduction: Introduction): Promise<void>;
  letGo(reason: string): void;
  /** Drain, Shutdown, TERM, KILL. */
  retire(incarnation: Incarnation): Promise<unknown>;
}

/** The author may look at every step for as long as he likes. */
const patienceMs = 24 * 3_600_000;

/** As long as it lasts, processes that somebody started himself are a plugin's incarnations, one after another. */
export class DebugSession {
  /** Aborts when the author has detached. */
  readonly over: AbortSignal;
  readonly #events = new ToldQueue<DebugEvent>();

  constructor(over: AbortSignal) {
    this.over = over;
  }

  events(): AsyncIterable<DebugEvent> {
    return this.#events.read(this.over);
  }

  tell(event: DebugEvent): void {
    this.#events.tell(event);
  }

  /** It cannot go on; whoever reads the events is told why. */
  fail(error: unknown): void {
    this.#events.fail(error);
  }

  /** Resolves when it is over and none of its processes is left. */
  async run(parts: SupervisorParts, plan: LaunchPlan, host: DebugHost): Promise<void> {
    while (!this.over.aborted) {
      const number = parts.memory.nextIncarnation();
      host.waiting(number);
      const guest = await this.#await(parts, plan, number);
      if (guest) await this.#serve(parts, guest, host);
    }
  }

  async #await(parts: SupervisorParts, plan: LaunchPlan, number: number): Promise<Incarnation | undefined> {
    const invitation = inviteGuest(parts, plan, number, (reason) =>
      this.tell({ event: "refused", message: reason }),
    );
    const file = join(parts.paths.folder, "debug.env");
    const { command, folder, environment, secrets } = invitation;
    await writeFile(file, exportsOf({ ...environment, ...secrets }), { mode: 0o600 });
    this.tell({ event: "waiting", incarnation: number, command, folder, environment, environmentFile: file });
    try {
      return await Promise.race([invitation.arrived, aborted(this.over)]);
    } finally {
      if (this.over.aborted) invitation.withdraw();
      await rm(file, { force: true });
    }
  }

  async #serve(parts: SupervisorParts, guest: Incarnation, host: DebugHost): Promise<void> {
    try {
      const introduction = await Promise.race([introduceTo(parts, guest, patienceMs), aborted(this.over)]);
      if (introduction) {
        await host.goLive(guest, introduction);
        this.tell({ event: "serving", incarnation: guest.number, pid: guest.pid });
        await Promise.race([guest.ended, aborted(this.over)]);
      }
    } catch (error) {
      this.tell({ event: "refused", message: errorMessage(error) });
    }
    host.letGo("the process under debug has gone");
    if (guest.process.hasEnded) this.tell({ event: "ended", message: (await guest.ended).message });
    else await host.retire(guest);
  }
}

/** For a shell to read: the token stands in this file only, never on a command line. */
function exportsOf(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  );
  return `${lines.join("\n")}\n`;
}
