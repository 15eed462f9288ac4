import {
  type KindTable,
  labelSelectorQuery,
  type LabelSelector,
  type LabelSelectorQuery,
} from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import {
  type AdmissionRule,
  matchesNamespace,
  matchesObject,
  matchesRule,
} from "../admission/admission-rules.ts";
import { matchingForm } from "../admission/shown-request.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { WebhookClientConfig } from "./webhook-client.ts";

/** One entry of a configuration. */
export interface WebhookSettings {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly AdmissionRule[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly MatchConditionSettings[];
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[];
  readonly reinvocationPolicy?: string;
}

export interface MatchConditionSettings {
  readonly name: string;
  readonly expression: string;
}

/** A webhook, made ready for many requests. */
export class Hook {
  readonly settings: WebhookSettings;
  /** Of this webhook among all: configuration and name. */
  readonly key: string;
  readonly configuration: string;
  readonly #namespaces: LabelSelectorQuery;
  readonly #objects: LabelSelectorQuery;

  constructor(settings: WebhookSettings, configuration: string) {
    this.settings = settings;
    this.configuration = configuration;
    this.key = `${configuration}/${settings.name}`;
    this.#namespaces = labelSelectorQuery(settings.namespaceSelector ?? {});
    this.#objects = labelSelectorQuery(settings.objectSelector ?? {});
  }

  /** The request in the form that the rules are about, when they and the selectors are; match conditions come after. */
  formOf(request: AdmissionRequest, cache: WatchCache, kinds: KindTable): AdmissionRequest | undefined {
    const { rules = [], matchPolicy } = this.settings;
    const form = matchingForm(request, matchPolicy, kinds, (one) =>
      rules.some((rule) => matchesRule(rule, one)),
    );
    if (!form || !matchesNamespace(this.#namespaces, form, cache)) return undefined;
    return matchesObject(this.#objects, form) ? form : undefined;
  }

  get failsOpen(): boolean {
    return this.settings.failurePolicy === "Ignore";
  }
}

/** The webhooks of all configurations of one kind, in the order of the configurations' names. */
export class HookTable {
  readonly #kind: KindCache;
  readonly #made = new Map<string, { revision: number; hooks: readonly Hook[] }>();

  constructor(
    cache: WatchCache,
    resource: "mutatingwebhookconfigurations" | "validatingwebhookconfigurations",
  ) {
    this.#kind = cache.kind(`/admissionregistration.k8s.io/${resource}/`);
  }

  get isEmpty(): boolean {
    return this.#kind.size === 0;
  }

  all(): Hook[] {
    const hooks: Hook[] = [];
    for (const cached of this.#kind.objects()) hooks.push(...this.#of(cached));
    if (this.#made.size > this.#kind.size)
      for (const key of this.#made.keys()) if (!this.#kind.get(key)) this.#made.delete(key);
    return hooks;
  }

  #of(cached: CachedObject): readonly Hook[] {
    const known = this.#made.get(cached.key);
    if (known?.revision === cached.revision) return known.hooks;
    const { webhooks = [] } = cached.object<Draft & { webhooks?: WebhookSettings[] }>();
    const hooks = webhooks.map((settings) => new Hook(settings, cached.name));
    this.#made.set(cached.key, { revision: cached.revision, hooks });
    return hooks;
  }
}
