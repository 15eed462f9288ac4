import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "./cri-node.ts";

const folder = join(import.meta.dirname, "stand-ins");
const python = "/usr/bin/python3";

/** Why programs in Python cannot serve gRPC here; undefined when they can. */
export const noPython: string | undefined =
  spawnSync(python, ["-c", "import grpc, google.protobuf"]).status === 0 &&
  existsSync("/usr/include/google/protobuf/descriptor.proto") &&
  spawnSync("protoc", ["--version"]).status === 0
    ? undefined
    : "needs python3-grpcio, protobuf-compiler and libprotobuf-dev";

type Fact = Readonly<Record<string, unknown>>;

/** A program that knows nothing of Berth but the public contracts; each line that it prints is one JSON object. */
export class PythonStandIn {
  readonly facts: Fact[] = [];
  readonly #child: ChildProcess;

  constructor(program: string, args: readonly string[]) {
    const child = spawn(python, [join(folder, program), ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.facts.push(JSON.parse(line) as Fact));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  says(fits: (fact: Fact) => boolean, times = 1): Promise<Fact[]> {
    return eventually(
      () => this.facts.filter(fits),
      (found) => found.length >= times,
      60_000,
    );
  }

  write(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
