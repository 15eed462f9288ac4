import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  type CgroupHierarchy,
  detectCgroups,
  identifyProcess,
  mountTmpfs,
  type ProcessIdentity,
  readStat,
  unmountUnder,
} from "@berth/linux";
import { type ApiClient, createApiClient, httpsTransport, readKubeconfig } from "../../core/client/index.ts";
import { CoreProcess } from "../../core/main/up/core-process.ts";
import { Kubectl } from "../../core/main/up/kubectl.ts";
import { dist, pluginsWithNetwork } from "../support/built-core.ts";
import { freePorts } from "../support/free-ports.ts";
import { clockFile, type VerbFault } from "./hook.ts";
import { type PluginName, plugins } from "./schedule.ts";

const diskBytes = 768 * 1024 ** 2;
const hook = pathToFileURL(join(import.meta.dirname, "hook.ts"));
const program = join(dist, "cli/berth.js");

/** The built core with the standard set, its disk of its own size, its clock and answers at our mercy. */
export class ChaosNode {
  readonly name: string;
  readonly folder = mkdtempSync(join(tmpdir(), "bch-"));
  readonly core: CoreProcess;
  readonly kubectl: Kubectl;
  readonly #control: string;
  readonly #disk: string;
  readonly #hierarchy: CgroupHierarchy;

  private constructor(name: string, ports: readonly number[]) {
    const hierarchy = detectCgroups();
    if (!hierarchy) throw new Error("this machine has no control groups, by which processes are found");
    this.#hierarchy = hierarchy;
    this.name = name;
    this.#disk = join(this.folder, "d");
    this.#control = join(this.folder, "control");
    mkdirSync(this.#disk);
    mkdirSync(this.#control);
    mountTmpfs(this.#disk, { sizeBytes: diskBytes, mode: 0o700 });
    const network = { name, bridge: this.bridge, subnet: "10.131.7.0/24" };
    const shipped = pluginsWithNetwork(this.folder, network);
    for (const plugin of plugins) this.#preload(join(shipped, plugin, "plugin.json"), plugin);
    const options = {
      "data-dir": join(this.#disk, "data"),
      "run-dir": join(this.folder, "r"),
      "kubelet-root": join(this.#disk, "k"),
      "node-name": name,
      plugins: shipped,
      set: "standard",
      port: String(ports[0]),
      "kubelet-port": String(ports[1]),
    };
    const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
    this.kubectl = new Kubectl(this.kubeconfig);
    this.core = new CoreProcess({
      command: [process.execPath, "--import", this.#hookFor(), program, "start", ...args, "--ephemeral"],
      logFile: join(this.folder, "core.log"),
      kubectl: this.kubectl,
      kubeconfig: this.kubeconfig,
    });
  }

  static async prepare(): Promise<ChaosNode> {
    return new ChaosNode(`ch${process.pid}`, await freePorts(2));
  }

  get kubeconfig(): string {
    return join(this.#disk, "data", "admin.conf");
  }

  get bridge(): string {
    return `bch${process.pid}`;
  }

  /** What the names and paths of everything that this node makes have in them. */
  get words(): string[] {
    return [this.folder, `berth/${this.name}`, this.bridge];
  }

  async client(): Promise<ApiClient> {
    return createApiClient(httpsTransport(await readKubeconfig(this.kubeconfig)));
  }

  /** A core that is refused, on a full disk for example, is started again as an init system would. */
  async startCore(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.core.start();
      } catch (error) {
        if (tries === 60) throw error;
        await sleep(500);
      }
    }
  }

  /** A stopped one would not hear that it shall end. */
  wakeCore(): void {
    const { pid } = this.core;
    if (pid !== undefined && existsSync(`/proc/${pid}`)) process.kill(pid, "SIGCONT");
  }

  /** One that was started on a full disk may have given up; an init system starts it again. */
  async ensureCore(): Promise<void> {
    const { pid } = this.core;
    if (pid !== undefined && existsSync(`/proc/${pid}`)) return;
    process.stderr.write(`the core ended by itself and is started again:\n${this.core.logTail(3)}\n`);
    await this.startCore();
  }

  coreProcess(): ProcessIdentity | undefined {
    return this.core.pid === undefined ? undefined : identifyProcess(this.core.pid);
  }

  /** Processes of a plugin itself, not of what it keeps running. */
  processesOf(plugin: PluginName): ProcessIdentity[] {
    return this.#identities(`p/${plugin}/control`);
  }

  containerd(): ProcessIdentity[] {
    return this.#identities("d").filter(({ pid }) => readStat(pid)?.name === "containerd");
  }

  runFolder(plugin: PluginName): string {
    return join(this.folder, "r", this.name, "p", plugin);
  }

  stateFolder(plugin: PluginName): string {
    return join(this.#disk, "data", "node", this.name, "plugins", plugin, "state");
  }

  /** 0: right again. */
  setClock(offsetMs: number): void {
    writeFileSync(join(this.#control, clockFile), String(offsetMs));
  }

  setAnswers(plugin: PluginName, fault: VerbFault | null): void {
    writeFileSync(join(this.#control, plugin), JSON.stringify(fault));
  }

  /** Takes every byte of the disk; the result gives them back. */
  fillDisk(): () => void {
    const ballast = join(this.#disk, "ballast");
    const block = Buffer.alloc(1024 ** 2, 0x5a);
    try {
      for (;;) writeFileSync(ballast, block, { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
    return () => rmSync(ballast, { force: true });
  }

  remove(): void {
    unmountUnder(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #identities(group: string): ProcessIdentity[] {
    const pids = this.#hierarchy.group(`berth/${this.name}/${group}`).listPids({ recursive: true });
    return pids.flatMap((pid) => identifyProcess(pid) ?? []);
  }

  #hookFor(plugin?: PluginName): string {
    const url = new URL(hook);
    url.searchParams.set("control", this.#control);
    if (plugin) url.searchParams.set("plugin", plugin);
    return url.href;
  }

  #preload(manifest: string, plugin: PluginName): void {
    const parsed = JSON.parse(readFileSync(manifest, "utf8")) as { entry?: string[] };
    const [node = "${node}", ...rest] = parsed.entry ?? ["${node}", "main.js"];
    parsed.entry = [node, "--import", this.#hookFor(plugin), ...rest];
    writeFileSync(manifest, JSON.stringify(parsed));
  }
}
