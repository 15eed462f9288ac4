import type { Disposable, Event } from "@berth/base";

/** Names a resource as the API's paths do; the core group is the empty string. */
export interface ResourceName {
  readonly group: string;
  readonly version: string;
  /** Lower-case plural: "pods". */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** What every object has. */
export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
    namespace?: string;
    generateName?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    ownerReferences?: {
      apiVersion: string;
      kind: string;
      name: string;
      uid: string;
      controller?: boolean;
      blockOwnerDeletion?: boolean;
    }[];
  };
}

/**
 * The API as seen by one user. The in-process and the HTTPS transport enter the same filter chain;
 * the in-process one hands over deep-frozen objects, so nobody may rely on changing what he was given.
 */
export interface ApiClient {
  /** The authenticated user name this client acts as: "system:kube-scheduler", "system:node:one". */
  readonly user: string;
  resource<T extends ApiObject>(name: ResourceName): ResourceClient<T>;
  /** Any path, for what has no typed form. Rejects with {@link ApiError} on a status of 400 and above. */
  request(request: ApiRequest): Promise<ApiResponse>;
}

export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
}

export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface Scope {
  /** Required for a namespaced resource except in list and watch, where absent means all namespaces. */
  namespace?: string;
  signal?: AbortSignal;
}

export interface ListOptions extends Scope {
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  limit?: number;
  continue?: string;
}

export interface WatchOptions extends Scope {
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  allowWatchBookmarks?: boolean;
}

export interface WriteOptions extends Scope {
  /** "status", "scale", "binding", "eviction", "resize", "ephemeralcontainers", "token". */
  subresource?: string;
  dryRun?: boolean;
  fieldManager?: string;
}

export interface DeleteOptions extends Scope {
  gracePeriodSeconds?: number;
  propagationPolicy?: "Background" | "Foreground" | "Orphan";
  preconditions?: { uid?: string; resourceVersion?: string };
}

export type PatchType = "json" | "merge" | "strategic" | "apply";

export interface List<T> {
  items: T[];
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

export type WatchEvent<T> =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: T }
  | { type: "BOOKMARK"; resourceVersion: string };

/** Every method rejects with {@link ApiError}. */
export interface ResourceClient<T extends ApiObject> {
  get(name: string, scope?: Scope): Promise<T>;
  list(options?: ListOptions): Promise<List<T>>;
  /** Ends when the server ends it or the signal aborts; throws ApiError 410 when the revision is compacted. */
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create(object: T, options?: WriteOptions & { name?: string }): Promise<T>;
  /** 409 unless metadata.resourceVersion is the current one. */
  update(object: T, options?: WriteOptions): Promise<T>;
  patch(name: string, type: PatchType, patch: unknown, options?: WriteOptions): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  deleteCollection(options?: ListOptions & DeleteOptions): Promise<void>;
}

/** A `Status` answer of the API as an error: message, machine-readable reason, HTTP code. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: number, reason: string, message: string, details?: Record<string, unknown>) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  static is(error: unknown, reason?: string): error is ApiError {
    return error instanceof ApiError && (reason === undefined || error.reason === reason);
  }
}

/**
 * A local copy of a list, kept by watch, re-listed after 410 or a broken stream with back-off.
 * Objects are shared and frozen.
 */
export interface Informer<T extends ApiObject> extends Disposable {
  start(): void;
  /** Resolves after the first complete list. */
  synced(signal?: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  get(name: string, namespace?: string): T | undefined;
  list(namespace?: string): T[];
  /** Objects whose index `name` (given at creation) holds `value`. */
  byIndex(name: string, value: string): T[];
  readonly onDidAdd: Event<T>;
  readonly onDidUpdate: Event<{ old: T; object: T }>;
  /** The last state seen. */
  readonly onDidDelete: Event<T>;
}

export interface InformerOptions<T> {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  indexes?: Record<string, (object: T) => string[]>;
  /** What of each object is kept and told; everything if absent. Its metadata must stay. */
  keep?: (object: T) => T;
}

/** Keys waiting for one worker: the same key is never worked on twice at once, failures come back with back-off. */
export interface WorkQueue<K> extends Disposable {
  add(key: K): void;
  addAfter(key: K, ms: number): void;
  readonly length: number;
}

/** An object, or the part of it that `fieldPath` names: `spec.containers{web}`. */
export type EventSubject = ApiObject & { readonly fieldPath?: string };

/** Tells users what happened to an object, as Event objects; equal ones within ten minutes are counted in one. */
export interface EventRecorder extends Disposable {
  /** `reason` is a CamelCase word, `message` a sentence; never fails and never waits. */
  event(about: EventSubject, type: "Normal" | "Warning", reason: string, message: string): void;
}
