import { type Clock, errorMessage, type Logger } from "@berth/base";
import { isLongRunning } from "../filters/in-flight.ts";
import { readValue } from "../registry/request-object.ts";
import type { Filter, Reply, RequestBody, ServerRequest, User } from "../request/request.ts";
import { toStatusError } from "../request/to-status-error.ts";
import type { AuditEvent, AuditLevel, AuditSink, AuditStage, AuditUser } from "./audit-event.ts";
import { type AuditDecision, auditDecision, type AuditPolicy } from "./audit-policy.ts";
import { auditTime } from "./audit-time.ts";
import { replyObject } from "./reply-object.ts";

export interface AuditSettings {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
}

/** Writes down who asked for what and what came of it, as much as the policy says. Not in the chain without a policy. */
export function auditFilter({ policy, sink }: AuditSettings, clock: Clock, logger: Logger): Filter {
  return async (request, next) => {
    const decision = auditDecision(policy, request.user, request.info);
    if (decision.level === "None") return next(request);
    const record = new RequestRecord(request, decision, clock);
    const tell = async (stage: AuditStage, more?: Outcome): Promise<void> => {
      if (decision.omitStages.has(stage)) return;
      try {
        sink(await record.event(stage, more));
      } catch (error) {
        logger.error("a request could not be written to the audit log", { cause: errorMessage(error) });
      }
    };
    await tell("RequestReceived");
    try {
      const reply = await next(request);
      const outcome = { code: codeOf(reply), reply };
      if (!isLongRunning(request)) await tell("ResponseComplete", outcome);
      else {
        await tell("ResponseStarted", outcome);
        const ended = (): void => void tell("ResponseComplete", outcome);
        if (reply.kind === "watch") reply.watch.onEnd(ended);
        else request.signal.addEventListener("abort", ended, { once: true });
      }
      return reply;
    } catch (error) {
      const { code, reason, message } = toStatusError(error, logger, `${request.method} ${request.path}`);
      await tell("ResponseComplete", { code, failure: { status: "Failure", reason, message } });
      throw error;
    }
  };
}

interface Outcome {
  readonly code: number;
  readonly reply?: Reply;
  readonly failure?: { readonly status: string; readonly reason: string; readonly message: string };
}

/** One request from its first stage to its last. */
class RequestRecord {
  readonly #request: ServerRequest;
  readonly #decision: AuditDecision;
  readonly #clock: Clock;
  readonly #user: User;
  readonly #received: string;
  readonly #id: string;
  readonly #annotations = new Map<string, string>();
  #body: () => Promise<unknown> = () => Promise.resolve(undefined);

  constructor(request: ServerRequest, decision: AuditDecision, clock: Clock) {
    this.#request = request;
    this.#decision = decision;
    this.#clock = clock;
    this.#user = request.user;
    this.#received = auditTime(clock.now());
    this.#id = request.auditId ?? crypto.randomUUID();
    request.audit = {
      annotate: (key, value) => {
        if (!this.#annotations.has(key)) this.#annotations.set(key, value);
      },
    };
    if (this.#holds("Request")) request.body = this.#listen(request.body);
  }

  async event(stage: AuditStage, outcome?: Outcome): Promise<AuditEvent> {
    const { info, headers, remoteAddress, user } = this.#request;
    const last = stage === "ResponseComplete";
    const agent = headers["user-agent"];
    const requestObject = last && this.#holds("Request") ? this.#without(await this.#body()) : undefined;
    const responseObject =
      last && outcome?.reply && this.#holds("RequestResponse")
        ? this.#without(replyObject(outcome.reply))
        : undefined;
    return {
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: this.#decision.level,
      auditID: this.#id,
      stage,
      requestURI: uriOf(this.#request),
      verb: info.verb,
      user: auditUser(this.#user),
      ...(user === this.#user ? {} : { impersonatedUser: auditUser(user) }),
      sourceIPs: [remoteAddress],
      ...(agent === undefined ? {} : { userAgent: agent }),
      ...(info.isResource ? { objectRef: objectRef(info) } : {}),
      ...(outcome ? { responseStatus: { ...outcome.failure, code: outcome.code } } : {}),
      ...(requestObject === undefined ? {} : { requestObject }),
      ...(responseObject === undefined ? {} : { responseObject }),
      requestReceivedTimestamp: this.#received,
      stageTimestamp: auditTime(this.#clock.now()),
      ...(this.#annotations.size > 0 ? { annotations: Object.fromEntries(this.#annotations) } : {}),
    };
  }

  #holds(level: AuditLevel): boolean {
    const order: readonly AuditLevel[] = ["None", "Metadata", "Request", "RequestResponse"];
    return order.indexOf(this.#decision.level) >= order.indexOf(level);
  }

  /** Keeps what the handler read; what nobody reads is not read for the audit log either. */
  #listen(body: RequestBody): RequestBody {
    if (body.kind === "object") {
      this.#body = () => Promise.resolve(body.value);
      return body;
    }
    return {
      ...body,
      read: async (limit) => {
        const bytes = await body.read(limit);
        this.#body = async () => (await readValue({ ...body, read: () => Promise.resolve(bytes) }))?.value;
        return bytes;
      },
    };
  }

  #without(value: unknown): unknown {
    return this.#decision.omitManagedFields ? withoutManagedFields(value) : value;
  }
}

/** Of an object, or of every object of a list. */
function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { metadata, items } = value as { metadata?: Record<string, unknown>; items?: unknown };
  if (Array.isArray(items)) return { ...value, items: items.map(withoutManagedFields) };
  if (!metadata?.["managedFields"]) return value;
  const { managedFields: _, ...rest } = metadata;
  return { ...value, metadata: rest };
}

function codeOf(reply: Reply): number {
  if ("status" in reply) return reply.status;
  return reply.kind === "taken" ? 101 : 200;
}

function auditUser({ name, groups, uid, extra }: User): AuditUser {
  return { username: name, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

function uriOf({ path, query }: ServerRequest): string {
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

function objectRef(info: {
  resource: string;
  namespace: string;
  name: string;
  group: string;
  version: string;
  subresource: string;
}): Record<string, string> {
  const all = {
    resource: info.resource,
    namespace: info.namespace,
    name: info.name,
    apiGroup: info.group,
    apiVersion: info.version,
    subresource: info.subresource,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}
