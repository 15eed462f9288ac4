import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { listPids } from "@berth/linux";
import { eventually } from "./cri-node.ts";

export type RunscVerb = "create" | "start" | "run" | "kill" | "delete" | "exec";
export type RunscMoment = "before" | "after";

/** The real runsc behind a script that can be told to hang once, before or after one of its commands. */
export class HangingRunsc {
  readonly program: string;
  readonly #folder: string;
  /** Seconds that nobody else sleeps for. */
  readonly #seconds = `${process.pid}${Math.floor(performance.now())}`;

  constructor(folder: string) {
    this.#folder = join(folder, "marks");
    mkdirSync(this.#folder);
    this.program = join(folder, "runsc");
    const runsc = execFileSync("sh", ["-c", "command -v runsc"], { encoding: "utf8" }).trim();
    const hang = `{ mv "$mark" ${this.#at()}; exec sleep ${this.#seconds}; }`;
    writeFileSync(
      this.program,
      `#!/bin/sh
for verb; do case $verb in create|start|run|kill|delete|exec) break;; esac; done
mark=${this.#folder}/before-$verb; [ -e "$mark" ] && ${hang}
mark=${this.#folder}/after-$verb; [ -e "$mark" ] || exec ${runsc} "$@"
${runsc} "$@" || exit
${hang}
`,
    );
    chmodSync(this.program, 0o755);
  }

  hangOnce(moment: RunscMoment, verb: RunscVerb): void {
    rmSync(this.#at(), { force: true });
    writeFileSync(join(this.#folder, `${moment}-${verb}`), "");
  }

  /** Resolves when it hangs. */
  async untilHanging(): Promise<void> {
    await eventually(
      () => existsSync(this.#at()) && this.hanging() > 0,
      (isThere) => isThere,
    );
  }

  /** Processes that hang. */
  hanging(): number {
    return listPids().filter((pid) => commandOf(pid) === `sleep\0${this.#seconds}\0`).length;
  }

  #at(): string {
    return join(this.#folder, "hangs");
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
