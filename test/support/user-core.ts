import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { unmountUnder } from "@berth/linux";
import { builtProgram } from "./built-core.ts";
import { freePorts } from "./free-ports.ts";

/** What a user sees of a command. */
export interface Said {
  readonly code: number | undefined;
  /** Standard output and standard error as they came. */
  readonly text: string;
}

/** One node as its user has it: the `berth` program, and the real kubectl. */
export class UserCore implements AsyncDisposable {
  readonly nodeName: string;
  readonly folder = mkdtempSync(join(tmpdir(), "berth-bad-"));
  readonly dataDirectory = join(this.folder, "data");
  readonly port: number;
  readonly kubeletPort: number;
  /** The built one starts several times as fast as the sources, and is what users have. */
  readonly program = builtProgram();
  #child: ChildProcess | undefined;

  private constructor(nodeName: string, port: number, kubeletPort: number) {
    this.nodeName = nodeName;
    this.port = port;
    this.kubeletPort = kubeletPort;
  }

  /** Nothing runs yet. At most 8 characters of name keep socket paths short. */
  static async prepare(nodeName: string): Promise<UserCore> {
    const [port, kubeletPort] = await freePorts(2);
    return new UserCore(nodeName, port!, kubeletPort!);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Runs the program to its end. */
  async berth(...args: string[]): Promise<Said> {
    return said(process.execPath, [this.program, ...args], { KUBECONFIG: this.kubeconfig });
  }

  /** A start that is expected to be refused; `change` replaces options, by their name without dashes. */
  async refusedStart(change: Readonly<Record<string, string>> = {}): Promise<Said> {
    return this.berth("start", ...this.#options(change));
  }

  /** Starts it and resolves once the API answers. Throws what the core said when it ends before. */
  async start(...more: string[]): Promise<void> {
    const log = openSync(this.logFile, "a", 0o600);
    const child = spawn(process.execPath, [this.program, "start", ...this.#options(), ...more], {
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    await eventually(
      () => (child.exitCode === null ? this.kubectl("get", "--raw", "/readyz") : ended(this.logFile)),
      ({ code }) => code === 0,
    );
  }

  /** As Ctrl-C does; answers the exit status. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
    return child.exitCode;
  }

  /** kill -9; resolves when it is gone. Its plugins and pods live on. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async kubectl(...args: string[]): Promise<Said> {
    return said("kubectl", args, this.#kubectlEnvironment);
  }

  /** `kubectl apply` of one or more objects. Throws when it is refused. */
  async apply(...objects: object[]): Promise<void> {
    // One after the other: of a List, kubectl checks the fields itself, in other words.
    const input = objects.map((object) => JSON.stringify(object)).join("\n");
    const { code, text } = await said("kubectl", ["apply", "-f", "-"], this.#kubectlEnvironment, input);
    if (code !== 0) throw new Error(`kubectl apply: ${text}`);
  }

  /** What kubectl says, as soon as all of `words` are in it. */
  async shows(words: readonly string[], ...args: string[]): Promise<string> {
    const { text } = await eventually(
      () => this.kubectl(...args),
      (outcome) => words.every((word) => outcome.text.includes(word)),
    );
    return text;
  }

  get logFile(): string {
    return join(this.folder, "core.log");
  }

  get kubeconfig(): string {
    return join(this.dataDirectory, "admin.conf");
  }

  get #kubectlEnvironment(): Record<string, string> {
    return { KUBECONFIG: this.kubeconfig, KUBECACHEDIR: join(this.folder, "kubectl") };
  }

  #options(change: Readonly<Record<string, string>> = {}): string[] {
    const options: Record<string, string> = {
      "node-name": this.nodeName,
      "data-dir": this.dataDirectory,
      "run-dir": join(this.folder, "r"),
      "kubelet-root": join(this.folder, "k"),
      port: String(this.port),
      "kubelet-port": String(this.kubeletPort),
      ...change,
    };
    return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    unmountUnder(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function said(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  input = "",
): Promise<Said> {
  const { exitCode, all } = await execa(command, args, {
    all: true,
    reject: false,
    timeout: 120_000,
    env,
    input,
  });
  return { code: exitCode, text: all };
}

function ended(logFile: string): Promise<Said> {
  throw new Error(`the core ended:\n${readFileSync(logFile, "utf8")}`);
}

/** Looks until it holds, and fails with what was last seen. */
async function eventually(look: () => Promise<Said>, holds: (seen: Said) => boolean): Promise<Said> {
  const end = performance.now() + 120_000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > end) throw new Error(`still: ${seen.text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
