import { existsSync, readdirSync, rmSync } from "node:fs";
import { type Disposable, errorMessage } from "@berth/base";
import type { ContainerdClient } from "@berth/containerd";
import type { Holding, PluginLife, SynchronizeAnswer, SynchronizeRequest } from "@berth/sdk";
import { removeStdio } from "./container/container-stdio.ts";
import type { RuntimeParts } from "./runtime-parts.ts";
import { unpinNamespaces } from "./sandbox/namespaces.ts";

/** Reason of a shutdown after which nothing of ours may be left on the node. */
const teardown = "teardown";
const probeDeadlineMs = 1_500;

/** The life of a CRI plugin: takes over what its predecessors made, and lets go of what the node has forgotten. */
export class CriLife implements PluginLife, Disposable {
  readonly label = "CRI life";
  readonly #parts: RuntimeParts;
  readonly #containerd: ContainerdClient;
  #subscription: Disposable | undefined;

  constructor(parts: RuntimeParts, containerd: ContainerdClient) {
    this.#parts = parts;
    this.#containerd = containerd;
  }

  async activate(): Promise<void> {
    const { containers, driver, log, rootfs, sandboxes, store } = this.#parts;
    await this.#containerd.ensureNamespace();
    await this.#parts.images.containerd.ensureNamespace();
    const records = await store.load();
    sandboxes.restore(records.sandboxes);
    this.#subscription = driver.onDidChange((id) => containers.relistInBackground(id));
    await containers.restore(records.containers);
    const swept = await rootfs.sweep(new Set(records.containers.map(({ id }) => id)));
    this.#sweepFolders();
    log.info("took over what is on the node", {
      sandboxes: records.sandboxes.length,
      containers: records.containers.length,
      sweptSnapshots: swept.length,
    });
  }

  /** Files of sandboxes and containers that were made before their record was, or outlived it. */
  #sweepFolders(): void {
    const { containers, paths, sandboxes, streaming } = this.#parts;
    const folders = (parent: string): string[] => (existsSync(parent) ? readdirSync(parent) : []);
    for (const id of folders(paths.sandboxes)) if (!sandboxes.find(id)) unpinNamespaces(paths.sandbox(id));
    for (const id of folders(paths.containers)) if (!containers.find(id)) removeStdio(paths.container(id));
    for (const path of paths.streamingSockets()) if (path !== streaming.path) rmSync(path, { force: true });
    removeStdio(paths.execs);
  }

  async synchronize(request: SynchronizeRequest): Promise<SynchronizeAnswer> {
    const valid = new Set(request.stillValid.filter(({ kind }) => kind === "sandbox").map(({ id }) => id));
    const released: Holding[] = [];
    if (request.authoritative) {
      for (const { id } of this.#parts.sandboxes.list()) {
        if (valid.has(id)) continue;
        await this.removeSandbox(id);
        released.push({ kind: "sandbox", id });
      }
    }
    const held = [
      ...this.#parts.sandboxes.list().map(({ id }) => ({ kind: "sandbox", id })),
      ...this.#parts.containers.list().map(({ id }) => ({ kind: "container", id })),
    ];
    return { held, released };
  }

  async probe(): Promise<string | undefined> {
    try {
      await this.#containerd.version.version({}, { deadlineMs: probeDeadlineMs });
      return undefined;
    } catch (error) {
      return `containerd does not answer: ${errorMessage(error)}`;
    }
  }

  facts(): Record<string, string> {
    const { driver, sandboxes, containers } = this.#parts;
    return {
      ...Object.fromEntries(driver.handlers.map(({ name, version }) => [`runtime.${name}`, version])),
      sandboxes: String(sandboxes.list().length),
      containers: String(containers.list().length),
    };
  }

  async shutdown(reason: string): Promise<void> {
    if (reason !== teardown) return;
    for (const { id } of this.#parts.sandboxes.list()) await this.removeSandbox(id);
  }

  /** With its containers. */
  async removeSandbox(id: string): Promise<void> {
    const { containers, sandboxes } = this.#parts;
    await Promise.all(containers.of(id).map((container) => containers.remove(container.id)));
    await sandboxes.remove(id);
  }

  async dispose(): Promise<void> {
    await this.#subscription?.dispose();
  }
}
