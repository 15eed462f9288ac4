import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const etcdImage = "berth-test-etcd:debian";

/** A Docker engine of one test: own data, own socket, no bridge and no rules of its own on this machine. */
export class DockerEngine implements AsyncDisposable {
  readonly host: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.host = `unix://${join(folder, "d.sock")}`;
  }

  /** Rejects with the engine's own words when it cannot run here. */
  static async start(folder: string): Promise<DockerEngine> {
    mkdirSync(folder, { recursive: true });
    const log = openSync(join(folder, "log"), "a", 0o600);
    const child = spawn(
      "dockerd",
      [
        ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
        ...["--pidfile", join(folder, "pid"), "--host", `unix://${join(folder, "d.sock")}`],
        ...["--bridge=none", "--iptables=false", "--ip6tables=false"],
      ],
      { stdio: ["ignore", log, log] },
    );
    closeSync(log);
    const failed = new Promise<void>((resolve) => child.once("error", () => resolve()));
    const engine = new DockerEngine(child, folder);
    for (const end = Date.now() + 60_000; !engine.#answers();) {
      const gone =
        child.exitCode !== null || (await Promise.race([failed.then(() => true), sleep(100, false)]));
      if (!gone && Date.now() < end) continue;
      const words = readFileSync(join(folder, "log"), "utf8").trim().split("\n").slice(-3).join("\n");
      await engine[Symbol.asyncDispose]();
      throw new Error(words || "dockerd cannot be started");
    }
    return engine;
  }

  docker(...args: string[]): string {
    return execFileSync("docker", ["--host", this.host, ...args], { encoding: "utf8", stdio: "pipe" });
  }

  /** An image of Debian's etcd and nothing but the libraries it needs. */
  importEtcd(): void {
    const root = join(this.#folder, "root");
    const libraries = execFileSync("ldd", ["/usr/bin/etcd"], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
    for (const file of ["/usr/bin/etcd", ...libraries]) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      copyFileSync(file, join(root, file));
    }
    execFileSync("tar", ["-C", root, "-cf", join(this.#folder, "etcd.tar"), "."]);
    this.docker("import", join(this.#folder, "etcd.tar"), etcdImage);
  }

  #answers(): boolean {
    if (!existsSync(join(this.#folder, "d.sock"))) return false;
    try {
      return this.docker("version").length > 0;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
