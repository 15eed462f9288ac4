import { errorMessage } from "@berth/base";
import { labelSelectorQuery } from "../../api/index.ts";
import { type CelEnvironment, type CelValue, fromJson } from "../../api/cel/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import {
  type AdmissionRule,
  matchesNamespace,
  matchesObject,
  matchesRule,
} from "../admission/admission-rules.ts";
import { inItsVersion, matchingForm, type Versions } from "../admission/shown-request.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { paramsOf } from "./params.ts";
import { compilePolicy, type PolicyProgram } from "./policy-program.ts";
import type { BindingSpec, MatchResources, PolicySpec } from "./policy-settings.ts";
import { RequestValues } from "./request-values.ts";

/** A policy with one of its bindings, both about the request at hand. */
export interface BoundPolicy {
  readonly policy: string;
  readonly binding: string;
  readonly spec: PolicySpec;
  readonly bindingSpec: BindingSpec;
  /** Or why it could not be compiled. */
  readonly program: PolicyProgram | Error;
  /** In the form that the policy is about. */
  readonly request: AdmissionRequest;
}

export interface PolicyCase {
  readonly program: PolicyProgram;
  readonly params: Record<string, CelValue>;
}

/** The policies of one kind and their bindings. Each is compiled once for each of its revisions. */
export class PolicyTable {
  readonly #policies: KindCache;
  readonly #bindings: KindCache;
  readonly #cache: WatchCache;
  readonly #environment: CelEnvironment;
  readonly #versions: Versions;
  readonly #authorizer: Authorizer;
  readonly #programs = new Map<string, { revision: number; program: PolicyProgram | Error }>();

  constructor(
    cache: WatchCache,
    authorizer: Authorizer,
    resource: string,
    environment: CelEnvironment,
    versions: Versions,
  ) {
    this.#versions = versions;
    this.#authorizer = authorizer;
    const group = "/admissionregistration.k8s.io";
    this.#policies = cache.kind(`${group}/${resource}policies/`);
    this.#bindings = cache.kind(`${group}/${resource}policybindings/`);
    this.#cache = cache;
    this.#environment = environment;
  }

  /** In the order of the policies' names, then of their bindings'. */
  *matching(request: AdmissionRequest): Iterable<BoundPolicy> {
    for (const policy of this.#policies.objects()) {
      const spec = policy.object<Draft & { spec: PolicySpec }>().spec;
      const bindings = [...this.#bindings.objects()]
        .map((cached) => ({ name: cached.name, spec: cached.object<Draft & { spec: BindingSpec }>().spec }))
        .filter((binding) => binding.spec.policyName === policy.name);
      const form = bindings.length === 0 ? undefined : this.#formOf(spec.matchConstraints, request, true);
      if (!form) continue;
      for (const binding of bindings) {
        if (!this.#formOf(binding.spec.matchResources, request, false)) continue;
        const program = this.#program(policy, spec);
        const bindingSpec = binding.spec;
        yield { policy: policy.name, binding: binding.name, spec, bindingSpec, program, request: form };
      }
    }
  }

  /**
   * The request that a policy is about with its objects in the policy's version.
   * @throws Error in the words of the refusal
   */
  async converted({ request }: BoundPolicy): Promise<AdmissionRequest> {
    try {
      return await inItsVersion(request, this.#versions.convert);
    } catch (error) {
      const why = `failed to convert object version: ${errorMessage(error)}`;
      throw new Error(`failed to configure binding: ${why}`, { cause: error });
    }
  }

  /** What a policy sees of the request that it is about. */
  valuesOf(request: AdmissionRequest): RequestValues {
    return new RequestValues(request, this.#authorizer, this.#cache);
  }

  /**
   * The program of a policy, once for each of the `params` that its binding hands it, with these.
   * @throws Error in the words of the refusal
   */
  *casesOf({ program, spec, bindingSpec, request }: BoundPolicy): Iterable<PolicyCase> {
    if (program instanceof Error)
      throw new Error(`compilation error: ${program.message}`, { cause: program });
    const kinds = this.#versions.kinds();
    for (const param of paramsOf(spec, bindingSpec, request, kinds, this.#cache))
      yield { program, params: spec.paramKind ? { params: fromJson(param ?? null) } : {} };
  }

  /** @param rulesNeeded a policy without rules is about nothing, a binding without about all */
  #formOf(
    resources: MatchResources | undefined,
    request: AdmissionRequest,
    rulesNeeded: boolean,
  ): AdmissionRequest | undefined {
    const {
      resourceRules = [],
      excludeResourceRules = [],
      namespaceSelector,
      objectSelector,
    } = resources ?? {};
    const kinds = this.#versions.kinds();
    const about = (rules: readonly AdmissionRule[]): AdmissionRequest | undefined =>
      matchingForm(request, resources?.matchPolicy, kinds, (one) =>
        rules.some((rule) => matchesRule(rule, one)),
      );
    const form = rulesNeeded || resourceRules.length > 0 ? about(resourceRules) : request;
    if (!form || about(excludeResourceRules)) return undefined;
    const isSelected =
      matchesNamespace(labelSelectorQuery(namespaceSelector ?? {}), form, this.#cache) &&
      matchesObject(labelSelectorQuery(objectSelector ?? {}), form);
    return isSelected ? form : undefined;
  }

  #program(policy: CachedObject, spec: PolicySpec): PolicyProgram | Error {
    const known = this.#programs.get(policy.key);
    if (known?.revision === policy.revision) return known.program;
    let program: PolicyProgram | Error;
    try {
      program = compilePolicy(this.#environment, spec);
    } catch (error) {
      program = error instanceof Error ? error : new Error(String(error));
    }
    for (const key of this.#programs.keys()) if (!this.#policies.get(key)) this.#programs.delete(key);
    this.#programs.set(policy.key, { revision: policy.revision, program });
    return program;
  }
}
