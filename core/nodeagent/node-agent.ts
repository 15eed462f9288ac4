import { isDeepStrictEqual } from "node:util";
import { type Clock, type Disposable, errorMessage, type Logger } from "@berth/base";
import {
  drainedAnnotation,
  type Node,
  type Plugin,
  type PluginInstance,
  type PluginSet,
} from "../api/index.ts";
import {
  type ApiClient,
  ApiError,
  type EventRecorder,
  type Informer,
  type WorkQueue,
} from "../client/contracts.ts";
import { Informers } from "../client/informers.ts";
import { clientOf, resources } from "../client/resources.ts";
import { retryOnConflict } from "../client/retry-on-conflict.ts";
import { createWorkQueue } from "../client/work-queue.ts";
import type { HostReport, PluginHost } from "../pluginhost/contracts/index.ts";
import { desiredWorld } from "./desired-world.ts";
import { instanceName, instanceStatus, newInstance } from "./instance-status.ts";
import { pluginSummary } from "./plugin-summary.ts";
import { SetReporter } from "./set-reporter.ts";

export interface NodeAgentParts {
  readonly nodeName: string;
  /** As `system:node:<name>`. */
  readonly api: ApiClient;
  readonly host: PluginHost;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Of one plugin, before its instance is in the API. */
const mostEarlyReports = 16;

/** Between the API's objects and the plugin host of one node: what is asked goes down, what is goes up. */
export class NodeAgent implements Disposable {
  readonly label: string;
  readonly #parts: NodeAgentParts;
  readonly #informers: Informers;
  readonly #plugins: Informer<Plugin>;
  readonly #sets: Informer<PluginSet>;
  readonly #nodes: Informer<Node>;
  readonly #instances: Informer<PluginInstance>;
  /** Names of Plugins whose objects are to be written. */
  readonly #writes: WorkQueue<string>;
  readonly #reporter: SetReporter;
  readonly #subscriptions: Disposable[] = [];
  /** What was reported about instances that are not in the API yet: a refusal is faster than a write. */
  readonly #early = new Map<string, readonly HostReport[]>();
  readonly #said = new Set<string>();
  /** Generations of Plugins whose instance on this node was deleted. */
  readonly #updatesAsked = new Map<string, number>();
  readonly #written = new Map<string, { status: object; resourceVersion: string | undefined }>();
  #started = false;

  constructor(parts: NodeAgentParts) {
    const { api, clock, logger, nodeName } = parts;
    this.label = `agent of node ${nodeName}`;
    this.#parts = parts;
    this.#informers = new Informers(this.label, { api, clock, logger });
    this.#plugins = this.#informers.of(resources.plugins);
    this.#sets = this.#informers.of(resources.pluginSets);
    this.#nodes = this.#informers.of(resources.nodes, { fieldSelector: `metadata.name=${nodeName}` });
    this.#instances = this.#informers.of(resources.pluginInstances);
    this.#reporter = new SetReporter(parts, this.#sets, this.#instances);
    this.#writes = createWorkQueue<string>({
      name: this.label,
      clock,
      parallel: 4,
      work: (plugin) => this.#write(plugin),
      onError: (plugin, error, failures) =>
        logger.warn("what a plugin is could not be written", {
          plugin,
          failures,
          error: errorMessage(error),
        }),
    });
  }

  /** Resolves once the host knows what is asked of it. */
  async start(signal?: AbortSignal): Promise<void> {
    const { host } = this.#parts;
    const decide = (): void => this.#decide();
    for (const informer of [this.#plugins, this.#sets, this.#nodes]) {
      this.#subscriptions.push(
        informer.onDidAdd(decide),
        informer.onDidUpdate(decide),
        informer.onDidDelete(decide),
      );
    }
    this.#subscriptions.push(
      host.onDidChange((view) => this.#writes.add(view.name)),
      host.onDidRemove((name) => {
        this.#early.delete(name);
        this.#writes.add(name);
      }),
      host.onDidReport((report) => this.#tell(report)),
      this.#instances.onDidAdd((object) => this.#tellEarly(object)),
      this.#instances.onDidUpdate(({ object }) => this.#writes.add(object.spec.plugin)),
      this.#instances.onDidDelete((object) => this.#instanceGone(object)),
    );
    await this.#informers.start(signal);
    this.#started = true;
    this.#decide();
    for (const { spec } of this.#instances.list())
      if (spec.nodeName === this.#parts.nodeName) this.#writes.add(spec.plugin);
  }

  async dispose(): Promise<void> {
    for (const subscription of this.#subscriptions) await subscription.dispose();
    await this.#writes.dispose();
    await this.#reporter.dispose();
    await this.#informers.dispose();
  }

  #decide(): void {
    // Before the first complete lists, what is not there yet would look as if it were not wanted.
    if (!this.#started) return;
    const node = this.#nodes.get(this.#parts.nodeName);
    const labels = node?.metadata?.labels ?? {};
    const { world, problems } = desiredWorld(this.#plugins.list(), this.#sets.list(), labels);
    for (const { about, reason, message } of problems) {
      const key = `${about.metadata.uid} ${message}`;
      if (!this.#said.has(key)) this.#parts.events.event(about, "Warning", reason, message);
      this.#said.add(key);
    }
    const plugins = world.plugins.map((plugin) => {
      const updateAsked = this.#updatesAsked.get(plugin.name);
      return updateAsked === undefined ? plugin : { ...plugin, updateAsked };
    });
    this.#parts.host.setDesired({ ...world, plugins, drained: isDrained(node) });
    if (node && !node.spec?.unschedulable) void this.#forgetDrain(node);
    this.#reporter.touchAll();
    for (const { name } of world.plugins) this.#writes.add(name);
  }

  /** It comes back with the next write; to delete it is how `updatePolicy: OnDelete` is told to go on. */
  #instanceGone({ spec: { plugin, nodeName } }: PluginInstance): void {
    this.#writes.add(plugin);
    const { spec, metadata } = this.#plugins.get(plugin) ?? {};
    if (nodeName !== this.#parts.nodeName || spec?.updatePolicy !== "OnDelete") return;
    this.#updatesAsked.set(plugin, metadata?.generation ?? 0);
    this.#decide();
  }

  /** Of a node that was made schedulable; the next time it is made unschedulable, its plugins are to stay. */
  async #forgetDrain({ metadata }: Node): Promise<void> {
    if (metadata?.annotations?.[drainedAnnotation] === undefined) return;
    const { api, nodeName, logger } = this.#parts;
    const change = { metadata: { annotations: { [drainedAnnotation]: null } } };
    try {
      await clientOf(api, resources.nodes).patch(nodeName, "merge", change);
    } catch (error) {
      // The node is looked at again with its next heartbeat.
      logger.warn("the mark of a drain could not be taken away", { error: errorMessage(error) });
    }
  }

  #tell(report: HostReport): void {
    const { events, nodeName } = this.#parts;
    const { object, type, reason, message, plugin } = report;
    if (object) {
      const { apiVersion, kind, ...metadata } = object;
      return events.event({ apiVersion, kind, metadata }, type, reason, message);
    }
    const instance = this.#instances.get(instanceName(plugin, nodeName));
    if (instance) events.event(instance, type, reason, message);
    else this.#early.set(plugin, [...(this.#early.get(plugin) ?? []), report].slice(-mostEarlyReports));
    const own = this.#plugins.get(plugin);
    if (own && type === "Warning") events.event(own, type, reason, `on node ${nodeName}: ${message}`);
  }

  #tellEarly(instance: PluginInstance): void {
    const { plugin, nodeName } = instance.spec;
    if (nodeName !== this.#parts.nodeName) return;
    for (const { type, reason, message } of this.#early.get(plugin) ?? [])
      this.#parts.events.event(instance, type, reason, message);
    this.#early.delete(plugin);
  }

  async #write(plugin: string): Promise<void> {
    await this.#writeInstance(plugin);
    await this.#writePlugin(plugin);
    this.#reporter.touch(plugin);
  }

  async #writeInstance(plugin: string): Promise<void> {
    const { api, host, nodeName, clock } = this.#parts;
    const client = clientOf(api, resources.pluginInstances);
    const name = instanceName(plugin, nodeName);
    const view = host.instances().find((one) => one.name === plugin);
    if (!view) return deleteIfThere(() => client.delete(name));
    const owner = this.#plugins.get(plugin)?.metadata;
    await retryOnConflict(async () => {
      const known = await findOrCreate(
        () => client.get(name),
        () =>
          client.create(
            newInstance(view, nodeName, owner?.uid ? { name: plugin, uid: owner.uid } : undefined),
          ),
      );
      const status = instanceStatus(view, known.status, new Date(clock.now()).toISOString());
      if (this.#isWritten(name, known, status)) return;
      this.#noteWritten(name, status, await client.update({ ...known, status }, { subresource: "status" }));
    });
  }

  async #writePlugin(name: string): Promise<void> {
    const { api, clock } = this.#parts;
    if (!this.#plugins.get(name)) return;
    const client = clientOf(api, resources.plugins);
    await retryOnConflict(async () => {
      const plugin = await client.get(name);
      const status = pluginSummary(plugin, this.#instances.list(), new Date(clock.now()).toISOString());
      if (this.#isWritten(name, plugin, status)) return;
      this.#noteWritten(name, status, await client.update({ ...plugin, status }, { subresource: "status" }));
    });
  }

  /** The API leaves out what is empty, so that what it gives back may differ from what it was given. */
  #isWritten(name: string, known: Plugin | PluginInstance, status: object): boolean {
    if (isDeepStrictEqual(status, known.status)) return true;
    const written = this.#written.get(`${known.kind}/${name}`);
    return (
      written?.resourceVersion === known.metadata.resourceVersion &&
      isDeepStrictEqual(written?.status, status)
    );
  }

  #noteWritten(
    name: string,
    status: object,
    { kind, metadata: { resourceVersion } }: Plugin | PluginInstance,
  ): void {
    this.#written.set(`${kind}/${name}`, { status, resourceVersion });
  }
}

function isDrained(node: Node | undefined): boolean {
  return node?.spec?.unschedulable === true && node.metadata?.annotations?.[drainedAnnotation] !== undefined;
}

async function deleteIfThere(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
  }
}

async function findOrCreate<T>(find: () => Promise<T>, create: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
    return create();
  }
}
