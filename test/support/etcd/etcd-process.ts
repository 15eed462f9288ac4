import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../free-ports.ts";

export const etcdProgram = "/usr/bin/etcd";
export const haveEtcd = existsSync(etcdProgram);

/** Real etcd as a plain process; its data stay in `folder` from one start to the next. */
export class EtcdProcess {
  readonly folder: string;
  readonly clientPort: number;
  readonly #arguments: readonly string[];
  readonly #scheme: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, clientPort: number, scheme: string, args: readonly string[]) {
    this.folder = folder;
    this.clientPort = clientPort;
    this.#scheme = scheme;
    this.#arguments = args;
  }

  /** Nothing runs yet. */
  static async prepare(
    folder: string,
    options: {
      tls?: { authority: string; certificate: string; key: string };
      more?: readonly string[];
    } = {},
  ): Promise<EtcdProcess> {
    const [clientPort, peerPort] = (await freePorts(2)) as [number, number];
    const { tls, more = [] } = options;
    const scheme = tls ? "https" : "http";
    const client = `${scheme}://127.0.0.1:${clientPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    return new EtcdProcess(folder, clientPort, scheme, [
      ...["--data-dir", join(folder, "data"), "--name", "one"],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", `one=${peer}`, "--logger", "zap"],
      ...(tls
        ? [
            `--trusted-ca-file=${tls.authority}`,
            `--cert-file=${tls.certificate}`,
            `--key-file=${tls.key}`,
            "--client-cert-auth",
          ]
        : []),
      ...more,
    ]);
  }

  get server(): string {
    return `${this.#scheme}://127.0.0.1:${this.clientPort}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when its client port answers. */
  async start(): Promise<this> {
    const logFile = join(this.folder, "etcd.log");
    const log = openSync(logFile, "a", 0o600);
    const child = spawn(etcdProgram, this.#arguments, {
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"], ETCD_UNSUPPORTED_ARCH: process.arch },
    });
    closeSync(log);
    this.#child = child;
    while (!(await answers(this.clientPort))) {
      if (child.exitCode !== null) throw new Error(`etcd ended:\n${readFileSync(logFile, "utf8")}`);
      await sleep(20);
    }
    return this;
  }

  /** As a crash does, unless told otherwise. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
