import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Connection, environment, type HostAnswer } from "@berth/verbs";
import type { Target } from "../suite.ts";
import { StandInHost } from "./stand-in-host.ts";

export const welcome: HostAnswer = { ok: true, chosen: {}, supportWindow: "conformance" };

/** One process of the plugin, started as a host starts it. */
export interface StartedPlugin {
  readonly host: StandInHost;
  readonly process: ChildProcess;
  readonly connection: Connection;
  readonly exit: Promise<number | null>;
  readonly log: () => string;
}

/** Starts the plugin of a folder again and again, each time with a host of its own. */
export class SessionContext {
  readonly target: Target;
  readonly #started: StartedPlugin[] = [];
  #count = 0;

  constructor(target: Target) {
    this.target = target;
  }

  get command(): [string, ...string[]] {
    const words = (this.target.options["command"] ?? "").split(" ").filter(Boolean);
    const [program, ...rest] = words;
    if (program === undefined) throw new Error('--option "command=node plugins/foo/main.ts" is needed');
    return [program === "node" ? process.execPath : program, ...rest];
  }

  get handshakePath(): string {
    return join(this.target.workFolder, `h${this.#count}.sock`);
  }

  /** The configuration to give: JSON of the option `config`, else none. */
  get config(): object {
    return JSON.parse(this.target.options["config"] ?? "{}") as object;
  }

  async start(answer: HostAnswer = welcome, windowMs = 60_000): Promise<StartedPlugin> {
    this.#count++;
    const folder = join(this.target.workFolder, `s${this.#count}`);
    for (const name of ["state", "run"]) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    const host = new StandInHost(this.handshakePath, answer);
    await host.listen();
    const endpoint = join(folder, "p.sock");
    const [program, ...argv] = this.command;
    const child = spawn(program, argv, {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        [environment.handshake]: this.handshakePath,
        [environment.endpoint]: `unix://${endpoint}`,
        [environment.token]: `token-${this.#count}`,
        [environment.instance]: "conformance.node",
        [environment.incarnation]: String(this.#count),
        [environment.state]: join(folder, "state"),
        [environment.run]: join(folder, "run"),
        [environment.adoptionWindow]: String(windowMs),
        [environment.nodeName]: "node",
      },
    });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const exit = once(child, "close").then(([code]) => code as number | null);
    const started = { host, process: child, connection: new Connection(endpoint), exit, log: () => log };
    this.#started.push(started);
    return started;
  }

  async cleanUp(): Promise<string[]> {
    for (const { host, process: child, connection, exit } of this.#started.splice(0)) {
      connection.dispose();
      child.kill("SIGKILL");
      await exit;
      await host.die();
    }
    const left = readdirSync("/proc").filter((pid) => /^\d+$/u.test(pid) && this.#isOurs(pid));
    for (const name of readdirSync(this.target.workFolder)) {
      await rm(join(this.target.workFolder, name), { recursive: true, force: true });
    }
    return left.map((pid) => `process ${pid}`);
  }

  /** By an environment that only processes of this run have. */
  #isOurs(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(
        `${environment.handshake}=${this.target.workFolder}/`,
      );
    } catch {
      // It ended while we looked, or belongs to another user: then it is none of ours.
      return false;
    }
  }
}
