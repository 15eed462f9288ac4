import { deepCopy, deepEqual, type JsonObject, type Kind } from "../../api/index.ts";
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
  /** What the caller was allowed to do. */
  readonly verb?: string | undefined;
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
 * A second pass over mutating plugins, when a webhook or a policy has changed the object: the server's own see it all again, so
 * that they fill in what was injected; others when they want to and something has changed since. Nothing is asked a third time.
 */
export class Reinvocation {
  /** 1 or 2. */
  pass = 1;
  readonly #object: Draft | undefined;
  #wanted = false;
  /** What the first pass made of the object. */
  #left: Draft | undefined;
  /** Who of the first pass wants to see the object again when it changes. */
  readonly #watching: string[] = [];
  readonly #due: string[] = [];

  /** @param object changed in place by whoever mutates it */
  constructor(object: Draft | undefined) {
    this.#object = object;
  }

  watch(plugin: string): void {
    this.#watching.push(plugin);
  }

  /** The plugin has changed the object: those who saw it before are due once more. */
  changedBy(plugin: string): void {
    if (this.pass > 1) return;
    this.#wanted = true;
    this.#due.push(...this.#watching.filter((other) => other !== plugin));
  }

  isDue(plugin: string): boolean {
    if (this.pass === 1 || this.#due.includes(plugin)) return true;
    return this.#watching.includes(plugin) && !deepEqual(this.#object, this.#left);
  }

  /** Begins the second pass, when there is to be one. */
  again(): boolean {
    if (this.pass > 1 || !this.#wanted) return false;
    this.pass = 2;
    this.#left = deepCopy(this.#object);
    return true;
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

  /** As the others a promise only where somebody has to be waited for: most writes concern no plugin that asks outside. */
  mutate(request: AdmissionRequest): void | Promise<void> {
    const reinvocation = new Reinvocation(request.object);
    const pass = (): void | Promise<void> =>
      inTurn(this.#mutating, (plugin) => plugin.mutate?.(request, reinvocation));
    const again = (): void | Promise<void> => (reinvocation.again() ? pass() : undefined);
    const waiting = pass();
    return waiting ? waiting.then(again) : again();
  }

  validate(request: AdmissionRequest): void | Promise<void> {
    return inTurn(this.#validating, (plugin) => plugin.validate?.(request));
  }

  /** Validates, writes, and lets the plugins know what became of it. */
  async guarded<T>(
    request: AdmissionRequest,
    write: () => Promise<T>,
    outcomeOf: (written: T) => WriteOutcome,
  ): Promise<T> {
    const validating = this.validate(request);
    if (validating) await validating;
    let outcome: WriteOutcome = "failed";
    try {
      const written = await write();
      outcome = outcomeOf(written);
      return written;
    } finally {
      const settling = this.#settle(request, outcome);
      if (settling) await settling;
    }
  }

  #settle(request: AdmissionRequest, outcome: WriteOutcome): void | Promise<void> {
    return inTurn(this.#settling, (plugin) => plugin.settle?.(request, outcome));
  }

  async connect(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#connecting) await plugin.connect?.(request);
  }
}

function inTurn(
  plugins: readonly AdmissionPlugin[],
  ask: (plugin: AdmissionPlugin) => void | Promise<void>,
  from = 0,
): void | Promise<void> {
  for (let at = from; at < plugins.length; at++) {
    const waiting = ask(plugins[at]!);
    if (waiting) return waiting.then(() => inTurn(plugins, ask, at + 1));
  }
  return undefined;
}
