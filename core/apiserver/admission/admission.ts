import type { JsonObject, Kind } from "../../api/index.ts";
import type { AuditAnnotations } from "../audit/audit-event.ts";
import type { User } from "../request/request.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { Shown } from "./shown-request.ts";

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: Kind;
  /** "" for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  /** "" while the server has not generated it. */
  readonly name: string;
  /** What shall be stored; absent for DELETE. Only mutating plugins may change it, in place. */
  readonly object?: Draft;
  /** What stands there now; absent for CREATE. Frozen. */
  readonly old?: Draft;
  readonly user: User;
  readonly dryRun: boolean;
  readonly warnings: string[];
  /** Aborts when the caller has gone. */
  readonly signal?: AbortSignal | undefined;
  readonly audit?: AuditAnnotations | undefined;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions, as the caller gave them. */
  readonly options?: JsonObject | undefined;
  /** What webhooks and policies see instead of the object; "nothing" of what they have seen as something else. */
  readonly shown?: Shown | "nothing" | undefined;
  /** The request itself, where this is what a rule about another version sees of it. */
  readonly requested?: AdmissionRequest;
}

/**
 * A second pass over mutating plugins, when one has changed what an earlier one had already seen. Nothing is asked a third
 * time.
 */
export class Reinvocation {
  /** 1 or 2. */
  pass = 1;
  wanted = false;
  /** Who of the first pass wants to see the object again when it changes. */
  readonly #watching: string[] = [];
  readonly #due: string[] = [];

  watch(plugin: string): void {
    this.#watching.push(plugin);
  }

  /** The plugin has changed the object: those who saw it before are due once more. */
  changedBy(plugin: string): void {
    if (this.pass > 1) return;
    for (const other of this.#watching) {
      if (other === plugin) continue;
      this.#due.push(other);
      this.wanted = true;
    }
  }

  isDue(plugin: string): boolean {
    return this.pass === 1 || this.#due.includes(plugin);
  }
}

export type WriteOutcome = "stored" | "removed" | "failed";

/** A rule about what may be stored. Throws a StatusError, 403 as a rule, to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  mutate?(request: AdmissionRequest, reinvocation: Reinvocation): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
  /**
   * What became of a write that all plugins let pass: "stored", "removed" (it was the end of the object), or "failed".
   */
  settle?(request: AdmissionRequest, outcome: WriteOutcome): void | Promise<void>;
  /** For requests that store nothing and have an effect: exec, attach, port-forward, proxy, eviction, tokens. */
  connect?(request: AdmissionRequest): void | Promise<void>;
}

/** All plugins in order: every one may change the object first, then every one may refuse it. */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];
  readonly #connecting: readonly AdmissionPlugin[];
  readonly #settling: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#mutating = plugins.filter((plugin) => plugin.mutate !== undefined);
    this.#validating = plugins.filter((plugin) => plugin.validate !== undefined);
    this.#settling = plugins.filter((plugin) => plugin.settle !== undefined);
    this.#connecting = plugins.filter((plugin) => plugin.connect !== undefined);
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    const reinvocation = new Reinvocation();
    for (; reinvocation.pass === 1 || (reinvocation.pass === 2 && reinvocation.wanted); reinvocation.pass++) {
      for (const plugin of this.#mutating) {
        const waiting = plugin.mutate?.(request, reinvocation);
        if (waiting) await waiting;
      }
    }
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#validating) {
      const waiting = plugin.validate?.(request);
      if (waiting) await waiting;
    }
  }

  /** Validates, writes, and lets the plugins know what became of it. */
  async guarded<T extends { readonly outcome: WriteOutcome }>(
    request: AdmissionRequest,
    write: () => Promise<T>,
  ): Promise<T> {
    await this.validate(request);
    let outcome: WriteOutcome = "failed";
    try {
      const written = await write();
      outcome = written.outcome;
      return written;
    } finally {
      await this.#settle(request, outcome);
    }
  }

  async #settle(request: AdmissionRequest, outcome: WriteOutcome): Promise<void> {
    for (const plugin of this.#settling) {
      const waiting = plugin.settle?.(request, outcome);
      if (waiting) await waiting;
    }
  }

  async connect(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#connecting) await plugin.connect?.(request);
  }
}
