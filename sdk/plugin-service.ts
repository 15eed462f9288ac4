import { errorMessage, type Logger } from "@berth/base";
import type { PluginHandlers } from "@berth/proto/generated/plugin/berth/plugin/v1/Plugin.ts";
import { fromStruct, type Implementation, services } from "@berth/verbs";
import type { Configurations } from "./configurations.ts";
import type { PluginManifest } from "./manifest.ts";
import type { Call, ServedService } from "./plugin-definition.ts";
import { PluginError } from "./plugin-error.ts";
import type { StateLease } from "./state-lease.ts";

/** What the life of a plugin needs to know of the process around it. */
export interface PluginLifecycle {
  drain(withinMs: number): Promise<{ finished: number; cancelled: number }>;
  /** Ends the process after the answer has left. */
  shutdown(reason: string): Promise<void>;
  readonly draining: boolean;
  /** The configuration has changed. */
  configured(): void;
}

/** berth.plugin.v1 for any plugin. */
export class PluginService implements Implementation<PluginHandlers, Call> {
  readonly #manifest: PluginManifest;
  readonly #served: readonly ServedService[];
  readonly #facts: Readonly<Record<string, string>>;
  readonly #configurations: Configurations<never>;
  readonly #lease: StateLease;
  readonly #lifecycle: PluginLifecycle;
  readonly #log: Logger;

  constructor(options: {
    manifest: PluginManifest;
    served: readonly ServedService[];
    /** Of the process, whatever the configuration. */
    facts: Readonly<Record<string, string>>;
    configurations: Configurations<never>;
    lease: StateLease;
    lifecycle: PluginLifecycle;
    log: Logger;
  }) {
    this.#manifest = options.manifest;
    this.#served = options.served;
    this.#facts = options.facts;
    this.#configurations = options.configurations;
    this.#lease = options.lease;
    this.#lifecycle = options.lifecycle;
    this.#log = options.log;
  }

  describe() {
    const life = this.#configurations.current?.life;
    const { live, disposed } = this.#configurations.counts;
    return {
      id: this.#manifest.id,
      version: this.#manifest.version,
      contracts: Object.entries(this.#manifest.contractVersions).map(([name, versions]) => ({
        name,
        versions: [...versions],
      })),
      facts: {
        ...life?.facts?.(),
        ...this.#facts,
        "configurations.live": String(live),
        "configurations.disposed": String(disposed),
      },
      verbs: this.#served.flatMap(({ key, verbs }) => verbs.map((verb) => `${key.name}/${methodName(verb)}`)),
      simulated: life?.simulated ?? false,
    };
  }

  async configure(request: Parameters<NonNullable<Implementation<PluginHandlers, Call>["configure"]>>[0]) {
    await this.#configurations.apply(fromStruct(request.config), request.generation, request.dry_run);
    if (!request.dry_run) this.#lifecycle.configured();
    return { warnings: [] };
  }

  async synchronize(
    request: Parameters<NonNullable<Implementation<PluginHandlers, Call>["synchronize"]>>[0],
    call: Call,
  ) {
    const configuration = this.#configurations.current;
    if (!configuration) throw notConfigured(this.#manifest.id);
    const writer = !this.#lifecycle.draining && this.#lease.tryTake();
    if (writer) await configuration.activate();
    else
      this.#log.info("another incarnation holds the state; nothing is released", {
        holder: this.#lease.holder(),
      });
    const answer = await configuration.life.synchronize?.(
      { stillValid: request.still_valid, authoritative: request.authoritative && writer },
      call,
    );
    return { held: (answer?.held ?? []).map(copy), released: (answer?.released ?? []).map(copy) };
  }

  async probe(_request: unknown, call: Call) {
    if (this.#lifecycle.draining) return { ready: false, reason: "draining" };
    const configuration = this.#configurations.current;
    if (!configuration) return { ready: false, reason: "not configured yet" };
    try {
      const reason = (await configuration.life.probe?.(call)) ?? "";
      return { ready: reason === "", reason };
    } catch (error) {
      return { ready: false, reason: errorMessage(error) };
    }
  }

  async drain(request: { within_ms: number }) {
    const { finished, cancelled } = await this.#lifecycle.drain(request.within_ms);
    return { calls_finished: finished, calls_cancelled: cancelled };
  }

  async shutdown(request: { reason: string }) {
    await this.#lifecycle.shutdown(request.reason);
    return {};
  }
}

/** The methods of the service itself, which are served whatever the configuration. */
export const pluginServiceVerbs = [
  "describe",
  "configure",
  "synchronize",
  "probe",
  "drain",
  "shutdown",
] as const;
export const pluginServiceKey = services.plugin;

export function notConfigured(id: string): PluginError {
  return new PluginError(
    "UNAVAILABLE",
    `${id} is not configured yet`,
    "Call Configure, or wait for the host to do it.",
  );
}

function methodName(verb: string): string {
  return verb.slice(0, 1).toUpperCase() + verb.slice(1);
}

function copy(holding: { kind: string; id: string; context?: Readonly<Record<string, string>> }) {
  return { kind: holding.kind, id: holding.id, context: { ...holding.context } };
}
