import { errorMessage } from "@berth/base";
import { jsonPatch, type Kind } from "../../api/index.ts";
import { type AdmissionPlugin, type AdmissionRequest, Reinvocation } from "../admission/admission.ts";
import { isAdmissionConfiguration } from "../admission/admission-rules.ts";
import { replaceObject } from "../admission/replace-object.ts";
import { asShown, inItsVersion, type Versions } from "../admission/shown-request.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { internalError } from "../request/status-error.ts";
import { type Hook, HookTable } from "./hooks.ts";
import type { WebhookCaller } from "./webhook-caller.ts";

/** Whether a webhook's match conditions let a request through. @throws StatusError when they fail and must not */
export type MatchConditions = (hook: Hook, request: AdmissionRequest) => Promise<boolean>;

/** Webhooks that may change the object: one after another, each sees what those before it made. */
export function mutatingWebhooks(
  cache: WatchCache,
  caller: WebhookCaller,
  conditions: MatchConditions,
  versions: Versions,
): AdmissionPlugin {
  const table = new HookTable(cache, "mutatingwebhookconfigurations");
  const invoke = async (request: AdmissionRequest, reinvocation: Reinvocation): Promise<void> => {
    for (const hook of table.all()) {
      if (!reinvocation.isDue(hook.key)) continue;
      const matching = hook.formOf(request, cache, versions.kinds());
      const form = matching && (await inItsVersion(matching, versions.convert));
      if (!form || !(await conditions(hook, form))) continue;
      const answer = await caller.ask(hook, form);
      const changed =
        answer?.patch !== undefined && form.object && (await applyPatch(hook, form, answer.patch));
      if (changed) reinvocation.changedBy(hook.key);
      if (reinvocation.pass === 1 && hook.settings.reinvocationPolicy === "IfNeeded")
        reinvocation.watch(hook.key);
      const said = {
        configuration: hook.configuration,
        webhook: hook.settings.name,
        mutated: Boolean(changed),
      };
      request.audit?.annotate(
        `mutation.webhook.admission.k8s.io/round_${reinvocation.pass - 1}_${hook.key}`,
        JSON.stringify(said),
      );
    }
  };
  const ask = (asked: AdmissionRequest, reinvocation: Reinvocation): void | Promise<void> => {
    if (table.isEmpty || isAdmissionConfiguration(asked)) return undefined;
    const request = asShown(asked);
    return request && invoke(request, reinvocation);
  };
  const connect = (request: AdmissionRequest): void | Promise<void> =>
    ask(request, new Reinvocation(request.object));
  return { name: "MutatingAdmissionWebhook", mutate: ask, connect };
}

async function applyPatch(hook: Hook, request: AdmissionRequest, patch: unknown): Promise<boolean> {
  try {
    return await replaceObject(request, jsonPatch(request.object, patch));
  } catch (error) {
    throw internalError(
      `failed to apply the patch of webhook ${JSON.stringify(hook.settings.name)}: ${errorMessage(error)}`,
    );
  }
}

/** Webhooks that may refuse: all at once; the first refusal, in their order, is the one that is shown. */
export function validatingWebhooks(
  cache: WatchCache,
  caller: WebhookCaller,
  conditions: MatchConditions,
  versions: Versions,
): AdmissionPlugin {
  const table = new HookTable(cache, "validatingwebhookconfigurations");
  const invoke = async (request: AdmissionRequest): Promise<void> => {
    const converted = new Map<Kind, Promise<AdmissionRequest>>();
    const inVersion = (form: AdmissionRequest): Promise<AdmissionRequest> => {
      const made = converted.get(form.kind) ?? inItsVersion(form, versions.convert);
      converted.set(form.kind, made);
      return made;
    };
    const asked = await Promise.allSettled(
      table.all().map(async (hook) => {
        const matching = hook.formOf(request, cache, versions.kinds());
        const form = matching && (await inVersion(matching));
        if (form && (await conditions(hook, form))) await caller.ask(hook, form);
      }),
    );
    for (const outcome of asked) if (outcome.status === "rejected") throw outcome.reason;
  };
  const ask = (asked: AdmissionRequest): void | Promise<void> => {
    if (table.isEmpty || isAdmissionConfiguration(asked)) return undefined;
    const request = asShown(asked);
    return request && invoke(request);
  };
  return { name: "ValidatingAdmissionWebhook", validate: ask, connect: ask };
}
