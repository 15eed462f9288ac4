import { errorMessage, type Logger } from "@berth/base";
import { isJsonObject, type JsonObject } from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { requestDocument } from "../admission/request-document.ts";
import { newUid } from "../registry/object-meta.ts";
import {
  badRequest,
  internalError,
  StatusError,
  type StatusDetails,
  timedOut,
} from "../request/status-error.ts";
import type { Hook } from "./hooks.ts";
import type { WebhookClient } from "./webhook-client.ts";

const defaultTimeoutSeconds = 10;
const longestWarning = 4096;

/** The part of an answer that both phases look at. */
export interface WebhookAnswer {
  /** A JSON patch, when there is one. */
  readonly patch?: unknown;
}

/** Asks one webhook, as AdmissionReview v1 says, and makes its answer felt. */
export class WebhookCaller {
  readonly #client: WebhookClient;
  readonly #logger: Logger;

  constructor(client: WebhookClient, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  /**
   * undefined when the webhook failed and may (`failurePolicy: Ignore`).
   * @throws StatusError as the webhook says when it refuses; 500 when it fails and must not; 400 for a rehearsal it cannot take
   */
  async ask(hook: Hook, request: AdmissionRequest): Promise<WebhookAnswer | undefined> {
    const { name, sideEffects } = hook.settings;
    if (request.dryRun && sideEffects !== "None" && sideEffects !== "NoneOnDryRun")
      throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
    const uid = newUid();
    let response: JsonObject;
    try {
      response = responseOf(await this.#post(hook, uid, request), uid);
    } catch (error) {
      if (request.signal?.aborted) throw endOf(request.signal);
      const why = `failed calling webhook ${JSON.stringify(name)}: ${errorMessage(error)}`;
      if (!hook.failsOpen) throw internalError(why);
      this.#logger.warn(`${why}; it is ignored, as its failurePolicy says`);
      request.audit?.annotate(`failed-open.webhook.admission.k8s.io/${hook.key}`, name);
      return undefined;
    }
    this.#tell(hook, request, response);
    if (response["allowed"] !== true) throw refusal(name, response["status"]);
    return isJsonObject(response) && response["patch"] !== undefined
      ? { patch: decodePatch(name, response) }
      : {};
  }

  async #post({ settings }: Hook, uid: string, request: AdmissionRequest): Promise<unknown> {
    const timeoutMs = (settings.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
    const { object = null, old = null } = request;
    const body = {
      kind: "AdmissionReview",
      apiVersion: "admission.k8s.io/v1",
      request: { uid, ...requestDocument(request), object, oldObject: old },
    };
    try {
      return await this.#client.post({
        config: settings.clientConfig,
        body,
        timeoutMs,
        signal: request.signal,
      });
    } catch (error) {
      throw new Error(`failed to call webhook: ${errorMessage(error)}`, { cause: error });
    }
  }

  #tell({ settings }: Hook, { warnings, audit }: AdmissionRequest, response: JsonObject): void {
    const said = response["warnings"];
    if (Array.isArray(said))
      for (const one of said)
        if (typeof one === "string" && one !== "") warnings.push(one.slice(0, longestWarning));
    const notes = response["auditAnnotations"];
    if (isJsonObject(notes))
      for (const [key, value] of Object.entries(notes))
        audit?.annotate(`${settings.name}/${key}`, String(value));
  }
}

/** Nobody waits any more, or no longer: not the webhook's fault, nor the server's. */
function endOf({ reason }: AbortSignal): Error {
  return reason instanceof StatusError ? reason : timedOut("the caller went away");
}

function responseOf(review: unknown, uid: string): JsonObject {
  if (!isJsonObject(review)) throw new Error("the answer is no AdmissionReview");
  const { kind, apiVersion } = review;
  if (kind !== "AdmissionReview" || apiVersion !== "admission.k8s.io/v1")
    throw new Error(
      `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${String(apiVersion)}, Kind=${String(kind)}`,
    );
  const { response } = review;
  if (!isJsonObject(response)) throw new Error("webhook response was absent");
  if (response["uid"] !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"])}`);
  if (response["patch"] !== undefined && response["patchType"] !== "JSONPatch")
    throw new Error(
      `webhook returned invalid response.patchType of ${JSON.stringify(response["patchType"] ?? "")}`,
    );
  return response;
}

function decodePatch(name: string, response: JsonObject): unknown {
  try {
    return JSON.parse(Buffer.from(String(response["patch"]), "base64").toString("utf8"));
  } catch (error) {
    throw internalError(
      `webhook ${JSON.stringify(name)} answered with a patch that is no JSON: ${errorMessage(error)}`,
    );
  }
}

/** In the webhook's own words, code and reason; never as if it were a success. */
function refusal(name: string, status: unknown): StatusError {
  const { code, reason, message, details } = isJsonObject(status) ? status : ({} as JsonObject);
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = message || reason;
  const text = typeof why === "string" && why !== "" ? `${denied}: ${why}` : `${denied} without explanation`;
  const number = typeof code === "number" && code >= 400 && code < 600 ? code : 400;
  const known = isJsonObject(details) ? (details as StatusDetails) : undefined;
  return new StatusError(number, typeof reason === "string" ? reason : "", text, known);
}
