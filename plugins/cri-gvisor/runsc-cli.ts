import { BerthError } from "@berth/base";
import { type HelperOutcome, type HelperStdio, runHelper } from "@berth/sdk";

const failed = BerthError.define({
  code: "BERTH_GVISOR_RUNSC_FAILED",
  grpc: "INTERNAL",
  http: 500,
  owner: "operator",
  next: "The message holds runsc's own words; `runsc --root DIR debug` and the folder of its logs tell more.",
});

/** Of a command that nobody waits for, or whose caller has more patience. */
const limitMs = 60_000;

export interface CliOptions {
  readonly flags?: readonly string[];
  readonly stdio?: HelperStdio;
  /** Of the verb that the command is run for: it ends the command. */
  readonly signal?: AbortSignal | undefined;
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
  async run(args: readonly string[], options: CliOptions = {}): Promise<string> {
    const result = await this.try(args, options);
    if (result.exitCode === 0) return result.stdout;
    throw new BerthError(failed, `runsc ${args[0]}: ${lastWords(result)}`);
  }

  try(args: readonly string[], options: CliOptions = {}): Promise<HelperOutcome> {
    return execute(this.#program, [...this.#flags, ...(options.flags ?? []), ...args], options);
  }

  /**
   * Starts a sandbox. Older versions take any network namespace for the node's own on newer kernels, because /proc/sys/net
   * has files in it that used to be the node's alone; they are then run with that folder out of sight.
   */
  async startSandbox(id: string, flags: readonly string[], signal: AbortSignal): Promise<void> {
    if (!this.#hidesSysNet) {
      const result = await this.try(["start", id], { flags, signal });
      if (result.exitCode === 0) return;
      if (!result.stderr.includes("root network namespace")) {
        throw new BerthError(failed, `runsc start: ${lastWords(result)}`);
      }
      this.#hidesSysNet = true;
    }
    const hidden = ["sh", "-c", 'mount -t tmpfs none /proc/sys/net && exec "$@"', "sh"];
    const command = [this.#program, ...this.#flags, ...flags, "start", id];
    const own = ["--mount", "--propagation", "private"];
    const result = await execute("unshare", [...own, ...hidden, ...command], { signal });
    if (result.exitCode !== 0) throw new BerthError(failed, `runsc start: ${lastWords(result)}`);
  }

  /** Whether starts need the folder hidden; known after the first sandbox. */
  get hidesSysNet(): boolean {
    return this.#hidesSysNet;
  }

  /** A command that lives as long as what it runs. */
  spawn(args: readonly string[], stdio: HelperStdio): { exit: Promise<number>; kill(): void } {
    const over = new AbortController();
    const run = async (): Promise<number> => {
      try {
        const options = { signal: over.signal, stdio };
        return (await runHelper(this.#program, [...this.#flags, ...args], options)).exitCode;
      } catch (error) {
        if (over.signal.aborted) return killedExitCode;
        throw error;
      }
    };
    return { exit: run(), kill: () => over.abort() };
  }
}

const killedExitCode = 137;

async function execute(
  program: string,
  args: readonly string[],
  { signal, stdio }: CliOptions,
): Promise<HelperOutcome> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await runHelper(program, args, {
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      leavesOthers: true,
      ...(stdio && { stdio }),
    });
  } catch (error) {
    if (!limit.aborted || signal?.aborted) throw error;
    throw new BerthError(failed, `${program} did not end within ${limitMs / 1000} s and was killed`, {
      cause: error,
    });
  }
}

/** The last line that says something. */
export function lastWords({ stdout, stderr, exitCode }: HelperOutcome): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line !== "") ?? `ended with exit status ${exitCode} and no message`;
}
