import { type Disposable, errorMessage, type Logger, nearestName } from "@berth/base";
import { loadContract } from "@berth/proto";
import { checkConfig, type ServiceKey, verbsOf } from "@berth/verbs";
import { ConfigurationParts } from "./parts.ts";
import type { PluginContext, PluginDefinition, PluginLife, ServedService } from "./plugin-definition.ts";

/** One configuration in force: its container, its verbs, and the calls that still use them. */
export class Configuration implements Disposable {
  readonly label: string;
  readonly generation: string;
  readonly life: PluginLife;
  readonly #parts: ConfigurationParts;
  readonly #implementations: ReadonlyMap<string, object>;
  #users = 0;
  #retired: (() => void) | undefined;
  #abandoned = false;
  #activated: Promise<void> | undefined;

  constructor(
    generation: string,
    parts: ConfigurationParts,
    implementations: ReadonlyMap<string, object>,
    life: PluginLife,
  ) {
    this.label = parts.label;
    this.generation = generation;
    this.#parts = parts;
    this.#implementations = implementations;
    this.life = life;
  }

  implementation(service: string): object | undefined {
    return this.#implementations.get(service);
  }

  /** Once; a failure is kept out of the memory, so that the next verb tries again. */
  activate(): Promise<void> {
    const attempt = async (): Promise<void> => {
      try {
        await this.life.activate?.();
      } catch (error) {
        this.#activated = undefined;
        throw error;
      }
    };
    return (this.#activated ??= attempt());
  }

  enter(): void {
    this.#users++;
  }

  leave(): void {
    if (--this.#users === 0) this.#retired?.();
  }

  /** The process ends: calls that did not heed their signal are not waited for any more. */
  abandonCalls(): void {
    this.#abandoned = true;
    this.#retired?.();
  }

  /** Disposes the container when the last call that uses it has ended. */
  async dispose(): Promise<void> {
    if (this.#users > 0 && !this.#abandoned) await new Promise<void>((resolve) => (this.#retired = resolve));
    await this.#parts.dispose();
  }
}

/** The plugin's configurations, one in force at a time; each has its own container. */
export class Configurations<Config> {
  readonly #definition: PluginDefinition<Config>;
  readonly #context: PluginContext;
  readonly #log: Logger;
  #current: Configuration | undefined;
  #currentText: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #live = 0;
  #disposed = 0;

  constructor(definition: PluginDefinition<Config>, context: PluginContext) {
    this.#definition = definition;
    this.#context = context;
    this.#log = context.log;
  }

  get current(): Configuration | undefined {
    return this.#current;
  }

  /** Containers, as `berth boot-tree` shows them. */
  get counts(): { live: number; disposed: number } {
    return { live: this.#live, disposed: this.#disposed };
  }

  /** Checks, builds beside the old one, then takes over. An equal configuration changes nothing. */
  apply(config: unknown, generation: string, dryRun: boolean): Promise<void> {
    const turn = this.#turn.then(() => this.#apply(config, generation, dryRun));
    // Who asked for it hears of a failure; the next one takes its turn all the same.
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async dispose(): Promise<void> {
    await this.#turn;
    const last = this.#current;
    this.#current = undefined;
    last?.abandonCalls();
    if (last) await this.#retire(last);
  }

  async #apply(config: unknown, generation: string, dryRun: boolean): Promise<void> {
    const checked = checkConfig(this.#context.manifest.config, config);
    const text = JSON.stringify(checked);
    if (dryRun || (this.#current && text === this.#currentText)) return;
    const parts = new ConfigurationParts(`${this.#context.manifest.id} configuration ${generation}`);
    this.#live++;
    let next: Configuration;
    try {
      next = await this.#build(parts, checked as Config, generation);
    } catch (error) {
      await this.#retire(parts);
      throw error;
    }
    const previous = this.#current;
    this.#current = next;
    this.#currentText = text;
    if (previous) void this.#retire(previous);
  }

  async #build(parts: ConfigurationParts, config: Config, generation: string): Promise<Configuration> {
    await this.#definition.configure(parts, config, this.#context);
    const implementations = new Map<string, object>();
    for (const service of this.#definition.services) {
      const implementation = service.make(parts);
      checkImplementation(service, implementation);
      implementations.set(service.key.name, implementation);
    }
    return new Configuration(generation, parts, implementations, this.#definition.life?.(parts) ?? {});
  }

  async #retire(item: Disposable): Promise<void> {
    try {
      await item.dispose();
    } catch (error) {
      this.#log.error(`${item.label} was not taken down cleanly`, { error: errorMessage(error) });
    }
    this.#live--;
    this.#disposed++;
  }
}

function checkImplementation(service: ServedService, implementation: object): void {
  for (const verb of service.verbs) {
    if (typeof (implementation as Record<string, unknown>)[verb] !== "function") {
      throw new Error(`${service.key.name} claims ${verb}, but its implementation has no such method`);
    }
  }
}

/** A public method that is no verb is most often a misspelt one, and would silently never be called. */
export function checkServedVerbs(services: readonly ServedService[]): void {
  for (const service of services) {
    const known = verbKeys(service.key);
    for (const verb of service.verbs) {
      if (known.includes(verb)) continue;
      const nearest = nearestName(verb, known);
      const hint = nearest ? `did you mean ${nearest}?` : `make it private (#${verb})`;
      throw new Error(`${verb} is no verb of ${service.key.name}; ${hint}`);
    }
  }
}

function verbKeys(key: ServiceKey): string[] {
  return verbsOf(loadContract(key.contract), key.name).map((verb) => verb.key);
}
