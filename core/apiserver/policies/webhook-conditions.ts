import { errorMessage } from "@berth/base";
import { CelEnvironment } from "../../api/cel/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { forbidden } from "../request/status-error.ts";
import type { Hook } from "../webhooks/hooks.ts";
import { MatchConditions } from "./match-conditions.ts";
import { RequestValues, requestVariables } from "./request-values.ts";

/** Evaluates webhooks' match conditions; each webhook's are compiled once. */
export class WebhookConditions {
  readonly #environment = new CelEnvironment(requestVariables);
  readonly #compiled = new WeakMap<Hook, MatchConditions>();
  readonly #authorizer: Authorizer;
  readonly #cache: WatchCache;

  constructor(authorizer: Authorizer, cache: WatchCache) {
    this.#authorizer = authorizer;
    this.#cache = cache;
  }

  /** @throws StatusError 403 when they cannot be evaluated and the webhook must not be left out */
  hold(hook: Hook, request: AdmissionRequest): boolean {
    const values = new RequestValues(request, this.#authorizer, this.#cache).all();
    try {
      return this.#of(hook).hold(values);
    } catch (error) {
      if (hook.failsOpen) return false;
      throw forbidden(request.kind, request.name, errorMessage(error));
    }
  }

  #of(hook: Hook): MatchConditions {
    let compiled = this.#compiled.get(hook);
    if (!compiled) {
      compiled = new MatchConditions(this.#environment, hook.settings.matchConditions ?? []);
      this.#compiled.set(hook, compiled);
    }
    return compiled;
  }
}
