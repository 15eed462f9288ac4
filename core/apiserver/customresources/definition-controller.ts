import { type Clock, type Disposable, errorMessage, type Logger } from "@berth/base";
import {
  type CustomResourceDefinition,
  customKind,
  deepEqual,
  formatTime,
  type Kind,
} from "../../api/index.ts";
import { deleteObject } from "../registry/delete-object.ts";
import type { Draft } from "../registry/object-meta.ts";
import { type Registry, updateObject } from "../registry/registry.ts";
import type { WriteContext } from "../registry/strategy.ts";
import { isStatusError } from "../request/status-error.ts";
import { namedStatus, takenNames, withCondition } from "./definition-status.ts";
import { cleanupFinalizer } from "./definition-strategy.ts";
import { definitionKind } from "./served-kinds.ts";

const myself = { name: "system:apiserver", groups: ["system:masters"] };
/** Objects that wait for finalizers of their own are looked at again. */
const recheckMs = 500;

/** Gives definitions their names, and empties those that are being deleted before it lets them go. */
export class DefinitionController implements Disposable {
  readonly label = "definition controller";
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #leave: () => void = () => {};
  #round: Promise<void> = Promise.resolve();
  #due = false;

  constructor(registry: Registry, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#registry = registry;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    this.#leave = this.#registry.objects.kindCache(definitionKind).join(() => this.#wake());
    this.#wake();
  }

  /** One round after another; any number of changes during one make one more. */
  #wake(): void {
    if (this.#due) return;
    this.#due = true;
    this.#round = this.#round.then(() => this.#reconcileAll());
  }

  async #reconcileAll(): Promise<void> {
    this.#due = false;
    for (const { name } of [...this.#registry.objects.kindCache(definitionKind).objects()]) {
      if (this.#stop.signal.aborted) return;
      try {
        await this.#reconcile(name);
      } catch (error) {
        if (isStatusError(error) && (error.code === 404 || error.code === 409)) this.#wakeLater();
        else {
          this.#logger.error(`${this.label} could not finish ${name}: ${errorMessage(error)}`);
          this.#wakeLater();
        }
      }
    }
  }

  #wakeLater(): void {
    if (this.#stop.signal.aborted) return;
    this.#clock.after(recheckMs, () => this.#wake(), { background: true });
  }

  async #reconcile(name: string): Promise<void> {
    const all = [...this.#registry.objects.kindCache(definitionKind).objects()].map((one) =>
      one.object<CustomResourceDefinition>(),
    );
    const definition = all.find(({ metadata }) => metadata.name === name);
    if (!definition) return;
    if (definition.metadata.deletionTimestamp) return this.#finalize(definition);
    const now = formatTime(this.#clock.now());
    const status = namedStatus(definition, takenNames(definition, all), now);
    if (!deepEqual(status, definition.status)) await this.#write(definition, "status", { status });
  }

  async #finalize(definition: CustomResourceDefinition): Promise<void> {
    const { metadata, spec } = definition;
    const finalizers = metadata.finalizers ?? [];
    if (!finalizers.includes(cleanupFinalizer)) return;
    const storage = spec.versions.find((version) => version.storage) ?? spec.versions[0]!;
    const kind = customKind(definition, storage);
    const owns = definition.status?.acceptedNames?.plural === spec.names.plural;
    const left = owns ? await this.#deleteAll(kind) : 0;
    if (left > 0) {
      await this.#tell(definition, left);
      this.#wakeLater();
      return;
    }
    await this.#write(definition, "", {
      metadata: { ...metadata, finalizers: finalizers.filter((one) => one !== cleanupFinalizer) },
    });
  }

  /** @returns how many are still there: they have finalizers */
  async #deleteAll(kind: Kind): Promise<number> {
    const cache = this.#registry.objects.kindCache(kind);
    for (const { namespace, name } of [...cache.objects()]) {
      try {
        await deleteObject(this.#registry, kind, namespace, name, {}, this.#context(""));
      } catch (error) {
        if (!isStatusError(error) || error.code !== 404) throw error;
      }
    }
    return cache.size;
  }

  async #tell(definition: CustomResourceDefinition, left: number): Promise<void> {
    const condition = {
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionInProgress",
      message: `CustomResource deletion is in progress; ${left} left, waiting for their finalizers`,
      lastTransitionTime: formatTime(this.#clock.now()),
    };
    const conditions = withCondition(definition.status?.conditions ?? [], condition);
    const status = { ...definition.status, conditions };
    if (!deepEqual(status, definition.status)) await this.#write(definition, "status", { status });
  }

  async #write(definition: CustomResourceDefinition, subresource: string, change: object): Promise<void> {
    await updateObject(
      this.#registry,
      definitionKind,
      "",
      definition.metadata.name,
      (current) => ({ ...current.copy<Draft>(), ...change }),
      this.#context(subresource),
    );
  }

  #context(subresource: string): WriteContext {
    return {
      user: myself,
      dryRun: false,
      subresource,
      fieldManager: "kube-apiserver",
      warnings: [],
      signal: this.#stop.signal,
      now: this.#clock.now(),
    };
  }

  async dispose(): Promise<void> {
    this.#stop.abort(new Error(`${this.label} is stopped`));
    this.#leave();
    await this.#round;
  }
}
