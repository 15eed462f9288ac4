import { mkdir, readFile } from "node:fs/promises";
import { type Disposable, DisposableStack, errorMessage } from "@berth/base";
import { detectCgroups } from "@berth/linux";
import { Informers } from "../client/informers.ts";
import { RenewalRounds } from "../http/index.ts";
import { parseResolvConf } from "./config/dns.ts";
import { KubeletChores } from "./kubelet-chores.ts";
import type { KubeletParts } from "./kubelet-parts.ts";
import { assemblePods, type PodAssembly } from "./kubelet-pods.ts";
import { writeCsiNode } from "./node/csi-node.ts";
import { type MachineFacts, readMachine, readUsage } from "./node/machine.ts";
import { NodeLease } from "./node/node-lease.ts";
import { NodeObserver } from "./node/node-observer.ts";
import { kubeletHostAnnotation } from "./node/kubelet-host.ts";
import { NodeRegistrar } from "./node/node-registrar.ts";
import { resources } from "./resources.ts";
import { KubeletMetrics } from "./server/kubelet-metrics.ts";
import { KubeletServer } from "./server/kubelet-server.ts";
import { statsSummary } from "./server/stats-summary.ts";

/** One node: its pods, its Node object, its port. */
export class Kubelet implements Disposable {
  readonly label: string;
  readonly #parts: KubeletParts;
  readonly #stack = new DisposableStack("kubelet");
  #pods: PodAssembly | undefined;
  #server: KubeletServer | undefined;
  #registrar: NodeRegistrar | undefined;

  constructor(parts: KubeletParts) {
    this.#parts = parts;
    this.label = `kubelet of ${parts.options.nodeName}`;
  }

  /** Port in use; 0 before the start. */
  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Resolves when the port is open and the node registers itself; pods follow as the API tells them. */
  async start(): Promise<void> {
    const { clock, client, host, logger, options } = this.#parts;
    await mkdir(options.kubeletRoot, { recursive: true, mode: 0o750 });
    await mkdir(options.logsRoot, { recursive: true, mode: 0o755 });
    const machine = await readMachine();
    const informers = this.#stack.use(new Informers("kubelet", { api: client, clock, logger }));
    const pods = assemblePods({
      ...this.#parts,
      machine,
      allocatable: () => this.#registrar?.node?.status?.allocatable ?? {},
      nodeDns: parseResolvConf(await readFile(options.resolvConf, "utf8").catch(() => "")),
      cgroups: detectCgroups(),
      pods: informers.of(resources.pods, { fieldSelector: `spec.nodeName=${options.nodeName}` }),
      runtimeClasses: informers.of(resources.runtimeClasses),
      services: informers.of(resources.services),
    });
    this.#pods = pods;
    this.#stack.use(pods.manager);
    this.#stack.defer("status writer", () => pods.statuses.stop());
    await this.#openPort(pods, machine);
    this.#startNode(machine);
    this.#subscribe(pods);
    const chores = this.#stack.use(
      new KubeletChores({
        clock,
        logger,
        options,
        manager: pods.manager,
        runtimes: pods.runtimes,
        hosts: host.runtimes,
      }),
    );
    chores.start();
    void this.#startPods(informers, pods);
  }

  /**
   * Ends every pod of the node without telling the API, each within `graceMs`, and resolves when nothing of them is
   * left on the machine: for a node that is taken down for good.
   */
  async endAllPods(graceMs: number): Promise<void> {
    await this.#pods?.manager.endAll(graceMs);
    const { cgroupRoot } = this.#parts.options;
    detectCgroups()?.group(cgroupRoot).remove();
  }

  /** Pods of which something is left here. */
  get podsLeft(): number {
    return this.#pods?.manager.workers.length ?? 0;
  }

  /** For pods that their runtime cannot end: SIGKILL to all that runs in them. */
  killAllPods(): void {
    detectCgroups()?.group(this.#parts.options.cgroupRoot).killAll();
  }

  /** Their volumes and files go too, when nothing runs in them any more and their runtime is gone for good. */
  async endKilledPods(): Promise<void> {
    await this.#pods?.manager.endAllWithoutRuntime();
    const { cgroupRoot } = this.#parts.options;
    detectCgroups()?.group(cgroupRoot).remove();
  }

  async dispose(): Promise<void> {
    await this.#stack.dispose();
  }

  async #startPods(informers: Informers, pods: PodAssembly): Promise<void> {
    const started = this.#parts.clock.monotonic();
    try {
      await informers.start();
      await pods.manager.start();
      const milliseconds = Math.round(this.#parts.clock.monotonic() - started);
      this.#parts.logger.info("the node has taken its pods on", {
        pods: pods.manager.workers.length,
        milliseconds,
      });
    } catch (error) {
      if (!this.#stack.disposed)
        this.#parts.logger.error("the node's pods cannot be followed", { error: errorMessage(error) });
    }
  }

  async #openPort(pods: PodAssembly, machine: MachineFacts): Promise<void> {
    const { clientAuthority, clock, host, logger, options, serving } = this.#parts;
    const metrics = new KubeletMetrics(pods.manager);
    const server = this.#stack.use(
      new KubeletServer({
        host: options.listenHost,
        port: options.listenPort,
        serving: await serving(),
        clientAuthority: clientAuthority(),
        clock,
        logger,
        manager: pods.manager,
        runtimes: pods.runtimes,
        logsRoot: options.logsRoot,
        allHandlers: () => host.runtimes.list(),
        tools: host.tools,
        scratchFolder: options.kubeletRoot,
        metrics: () => metrics.render(),
        statsSummary: async () =>
          statsSummary({
            nodeName: options.nodeName,
            memoryBytes: machine.memoryBytes,
            usage: await readUsage(options.kubeletRoot),
            handlers: [...new Map(host.runtimes.list().map((one) => [one.owner, one])).values()],
            time: new Date(clock.now()).toISOString(),
          }),
      }),
    );
    this.#server = server;
    await server.start();
    const renew = async (): Promise<void> => server.rotate(await serving(), clientAuthority());
    this.#stack.use(new RenewalRounds("certificate of the kubelet", { clock, logger }, renew));
  }

  #startNode(machine: MachineFacts): void {
    const { client, clock, host, logger, options } = this.#parts;
    const observer = new NodeObserver({
      ...options,
      ...host,
      machine,
      folder: options.kubeletRoot,
      kubeletPort: () => this.port,
      now: () => clock.now(),
    });
    this.#registrar = this.#stack.use(
      new NodeRegistrar({
        client,
        clock,
        logger,
        nodeName: options.nodeName,
        labels: () => this.#labels(machine),
        annotations: kubeletHostAnnotation(options),
        status: (previous) => observer.status(previous),
        onRegistered: () => this.#tellDrivers(),
      }),
    );
    this.#registrar.update();
    const lease = this.#stack.use(
      new NodeLease({ client, clock, logger, nodeName: options.nodeName, node: () => this.#registrar?.node }),
    );
    lease.start();
  }

  #subscribe(pods: PodAssembly): void {
    const { host } = this.#parts;
    const changed = (): void => {
      this.#registrar?.update();
      pods.manager.retryAll();
    };
    for (const part of [host.runtimes, host.network, host.devices])
      this.#stack.use(part.onDidChange(changed));
    const drivers = (): void => {
      changed();
      this.#tellDrivers();
    };
    this.#stack.use(host.csi.onDidChange(drivers));
  }

  #tellDrivers(): void {
    const { client, host, logger, options } = this.#parts;
    const uid = this.#registrar?.node?.metadata.uid;
    if (uid === undefined) return;
    writeCsiNode(client, options.nodeName, uid, host.csi).catch((error: unknown) => {
      logger.warn("the node's CSI drivers could not be told; it is tried again when they change", {
        error: errorMessage(error),
      });
    });
  }

  #labels(machine: MachineFacts): Record<string, string> {
    const { host, options } = this.#parts;
    const topology = Object.assign({}, ...host.csi.list().map((driver) => driver.topology)) as Record<
      string,
      string
    >;
    return {
      "kubernetes.io/hostname": options.nodeName,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": machine.architecture,
      ...topology,
      ...options.labels,
    };
  }
}
