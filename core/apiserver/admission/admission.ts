import type { Kind } from "../../api/index.ts";
import type { User } from "../request/request.ts";
import type { Draft } from "../registry/object-meta.ts";

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly kind: Kind;
  /** "" for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  /** "" while the server has not generated it. */
  readonly name: string;
  /** What shall be stored; absent for DELETE. Only mutating plugins may change it. */
  readonly object?: Draft;
  /** What stands there now; absent for CREATE. Frozen. */
  readonly old?: Draft;
  readonly user: User;
  readonly dryRun: boolean;
  readonly warnings: string[];
}

/** A rule about what may be stored. Throws a StatusError, 403 as a rule, to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

/** All plugins in order: every one may change the object first, then every one may refuse it. */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#mutating = plugins.filter((plugin) => plugin.mutate !== undefined);
    this.#validating = plugins.filter((plugin) => plugin.validate !== undefined);
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#mutating) {
      const waiting = plugin.mutate?.(request);
      if (waiting) await waiting;
    }
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#validating) {
      const waiting = plugin.validate?.(request);
      if (waiting) await waiting;
    }
  }
}
