import { spawn } from "node:child_process";
import { BerthError } from "@berth/base";

const failed = BerthError.define({
  code: "BERTH_GVISOR_RUNSC_FAILED",
  grpc: "INTERNAL",
  http: 500,
  owner: "operator",
  next: "The message holds runsc's own words; `runsc --root DIR debug` and the folder of its logs tell more.",
});

const outputLimit = 64 * 1024;
const defaultTimeoutMs = 60_000;

/** File descriptors or "ignore" for stdin, stdout and stderr of a command. */
export type CliStdio = readonly ["ignore" | number, "ignore" | "pipe" | number, "ignore" | "pipe" | number];

export interface CliResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** The `runsc` program with the flags that all commands about one root folder share. */
export class RunscCli {
  readonly root: string;
  readonly #program: string;
  readonly #flags: readonly string[];
  #hidesSysNet = false;

  constructor(options: { program: string; root: string; platform: string }) {
    this.#program = options.program;
    this.root = options.root;
    this.#flags = [
      "--root",
      options.root,
      ...(options.platform === "" ? [] : ["--platform", options.platform]),
    ];
  }

  /** Throws with runsc's own words when the command fails. */
  async run(
    args: readonly string[],
    options: { flags?: readonly string[]; stdio?: CliStdio } = {},
  ): Promise<string> {
    const result = await this.try(args, options);
    if (result.exitCode === 0) return result.stdout;
    throw new BerthError(failed, `runsc ${args[0]}: ${lastWords(result)}`);
  }

  try(
    args: readonly string[],
    options: { flags?: readonly string[]; stdio?: CliStdio } = {},
  ): Promise<CliResult> {
    return execute(this.#program, [...this.#flags, ...(options.flags ?? []), ...args], options.stdio);
  }

  /**
   * Starts a sandbox. Older versions take any network namespace for the node's own on newer kernels, because /proc/sys/net
   * has files in it that used to be the node's alone; they are then run with that folder out of sight.
   */
  async startSandbox(id: string, flags: readonly string[]): Promise<void> {
    if (!this.#hidesSysNet) {
      const result = await this.try(["start", id], { flags });
      if (result.exitCode === 0) return;
      if (!result.stderr.includes("root network namespace")) {
        throw new BerthError(failed, `runsc start: ${lastWords(result)}`);
      }
      this.#hidesSysNet = true;
    }
    const hidden = ["sh", "-c", 'mount -t tmpfs none /proc/sys/net && exec "$@"', "sh"];
    const command = [this.#program, ...this.#flags, ...flags, "start", id];
    const result = await execute("unshare", ["--mount", "--propagation", "private", ...hidden, ...command]);
    if (result.exitCode !== 0) throw new BerthError(failed, `runsc start: ${lastWords(result)}`);
  }

  /** Whether starts need the folder hidden; known after the first sandbox. */
  get hidesSysNet(): boolean {
    return this.#hidesSysNet;
  }

  /** A command that lives as long as what it runs. */
  spawn(args: readonly string[], stdio: CliStdio): { exit: Promise<number>; kill(): void } {
    const child = spawn(this.#program, [...this.#flags, ...args], { stdio: [...stdio], detached: true });
    const exit = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 255 : 137)));
    });
    return { exit, kill: () => void child.kill("SIGKILL") };
  }
}

function execute(program: string, args: readonly string[], stdio?: CliStdio): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [...(stdio ?? (["ignore", "pipe", "pipe"] as const))],
      detached: true,
      timeout: defaultTimeoutMs,
      killSignal: "SIGKILL",
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (part: string) => {
        if (texts[name].length < outputLimit) texts[name] += part;
      });
    }
    child.once("error", reject);
    // Not "close": what the command leaves behind may hold its pipes for as long as the pod lives.
    child.once("exit", (code, signal) => {
      setImmediate(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        const stderr = signal === null ? texts.stderr : `${texts.stderr}\nended by ${signal}`;
        resolve({ ...texts, stderr, exitCode: code ?? 137 });
      });
    });
  });
}

/** The last line that says something. */
export function lastWords({ stdout, stderr, exitCode }: CliResult): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line !== "") ?? `ended with exit status ${exitCode} and no message`;
}
