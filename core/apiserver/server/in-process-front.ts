import type { Clock } from "@berth/base";
import { deepFreeze, type JsonObject } from "../../api/index.ts";
import { withAuthenticatedGroup } from "../authn/authenticator.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { ObjectWatch, WatchItem } from "../cache/watch.ts";
import { asServed } from "../registry/versions.ts";
import { requestInfo } from "../request/request-info.ts";
import type { Handler, Reply, ServerRequest, User } from "../request/request.ts";
import type { Kind } from "../../api/index.ts";
import type { StatusError } from "../request/status-error.ts";
import { toStatusError } from "../request/to-status-error.ts";
import type { Logger } from "@berth/base";

/** A request from a part of the same process; the structure is core/client's. */
export interface InProcessRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export type InProcessAnswer =
  | { readonly kind: "object"; readonly status: number; readonly object: object }
  | {
      readonly kind: "list";
      readonly items: readonly object[];
      readonly resourceVersion: string;
      readonly continue?: string;
      readonly remainingItemCount?: number;
    }
  | { readonly kind: "watch"; readonly events: AsyncIterable<InProcessEvent> }
  | { readonly kind: "text"; readonly status: number; readonly contentType: string; readonly text: string }
  | {
      readonly kind: "error";
      readonly code: number;
      readonly reason: string;
      readonly message: string;
      readonly details?: object;
    };

export type InProcessEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: object }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export interface InProcessFrontParts {
  readonly handler: Handler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the server stops. */
  readonly signal: AbortSignal;
  watchStarted(watch: { requestBookmark(): void }): () => void;
}

const batch = 256;

/** Callers in the same process: the same filter chain, no bytes, objects shared and frozen. */
export class InProcessFront {
  readonly #parts: InProcessFrontParts;

  constructor(parts: InProcessFrontParts) {
    this.#parts = parts;
  }

  async call(user: User, request: InProcessRequest): Promise<InProcessAnswer> {
    try {
      const asked = this.#request(user, request);
      return this.#answer(await this.#parts.handler(asked), asked);
    } catch (error) {
      const status = toStatusError(error, this.#parts.logger, `${request.method} ${request.path}`);
      return errorAnswer(status);
    }
  }

  #request(user: User, request: InProcessRequest): ServerRequest {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) query.set(name, value);
    const { method, path, headers = {} } = request;
    return {
      method,
      path,
      query,
      headers: { "user-agent": agentOf(user), ...headers },
      info: requestInfo(method, path, query),
      body: { kind: "object", contentType: request.contentType ?? "application/json", value: request.body },
      signal: request.signal ?? this.#parts.signal,
      remoteAddress: "in-process",
      warnings: [],
      user: withAuthenticatedGroup(user),
    };
  }

  #answer(reply: Reply, request: ServerRequest): InProcessAnswer {
    switch (reply.kind) {
      case "object":
        return { kind: "object", status: reply.status, object: deepFreeze(reply.value) };
      case "stored":
        return { kind: "object", status: reply.status, object: objectOf(reply.of, reply.object) };
      case "list":
        return {
          kind: "list",
          items: reply.items.map((item) => objectOf(reply.of, item)),
          resourceVersion: String(reply.revision),
          ...(reply.continueToken === undefined ? {} : { continue: reply.continueToken }),
          ...(reply.remaining === undefined ? {} : { remainingItemCount: reply.remaining }),
        };
      case "watch": {
        const leave = reply.bookmarks ? this.#parts.watchStarted(reply.watch) : () => {};
        const signals = AbortSignal.any([request.signal, this.#parts.signal]);
        return { kind: "watch", events: events(reply.of, reply.watch, signals, leave) };
      }
      case "bytes":
        return {
          kind: "text",
          status: reply.status,
          contentType: reply.contentType,
          text: reply.body.toString(),
        };
      case "events": {
        const stop = AbortSignal.any([request.signal, this.#parts.signal]);
        return { kind: "watch", events: reply.follow(stop) };
      }
      case "taken":
        break;
    }
    throw new Error("a handler took a connection that there is not");
  }
}

function objectOf(kind: Kind, object: CachedObject): object {
  const stored = object.object<JsonObject>();
  const served = asServed(kind, stored);
  return served === stored ? stored : deepFreeze(served);
}

function errorAnswer({ code, reason, message, details }: StatusError): InProcessAnswer {
  return { kind: "error", code, reason, message, ...(details ? { details } : {}) };
}

/** Ends when the signal aborts; throws a StatusError 410 when the reader was too slow. */
async function* events(
  kind: Kind,
  watch: ObjectWatch,
  signal: AbortSignal,
  leave: () => void,
): AsyncGenerator<InProcessEvent> {
  let wake: () => void = () => {};
  let woken = true;
  const arouse = (): void => {
    woken = true;
    wake();
  };
  signal.addEventListener("abort", arouse);
  watch.wakes({ wake: arouse });
  try {
    while (!signal.aborted) {
      woken = false;
      const items = watch.read(batch);
      for (const item of items) yield eventOf(kind, item);
      if (items.length > 0 || woken) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (woken || signal.aborted) resolve();
      });
    }
  } finally {
    signal.removeEventListener("abort", arouse);
    await watch.dispose();
    leave();
  }
}

function eventOf(kind: Kind, item: WatchItem): InProcessEvent {
  if (item.type === "BOOKMARK") return { type: "BOOKMARK", resourceVersion: String(item.revision) };
  return { type: item.type, object: objectOf(kind, item.object) };
}

/** What such a part calls itself over the network: fields that it writes are owned under this name. */
function agentOf({ name }: User): string {
  return name.startsWith("system:node:") ? "kubelet" : name.replace(/^system:/, "");
}
