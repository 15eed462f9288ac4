import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";
import { formatTime, groupPriority, groupVersion, type JsonObject, type KindTable } from "../../api/index.ts";
import { deleteObject } from "../registry/delete-object.ts";
import type { Draft } from "../registry/object-meta.ts";
import { createObject, type Registry, updateObject } from "../registry/registry.ts";
import type { WriteContext } from "../registry/strategy.ts";
import { isStatusError } from "../request/status-error.ts";
import {
  type APIService,
  apiServiceKind,
  automanagedLabel,
  type Availability,
  availabilityOf,
  versionPriority,
  localAvailability,
} from "./api-service.ts";
import { aggregatorUser, readDocument, remoteOptions, type RemoteParts } from "./remote-server.ts";

/** How often servers are asked whether they are there, and how long they may take. */
const roundMs = 5000;
const answerMs = 5000;

/** What a server said of itself when it was last asked. */
export interface RemoteDocuments {
  /** Its `APIResourceList`. */
  readonly resources: JsonObject;
  /** `/openapi/v3/apis/group/version?hash=…`; absent when it publishes none. */
  readonly openApi: string | undefined;
}

/** Keeps an APIService for each group and version served here, and says of the others whether their server answers. */
export class ApiServiceController implements Disposable {
  readonly label = "API service controller";
  readonly documents = new Map<string, RemoteDocuments>();
  readonly #registry: Registry;
  readonly #kinds: () => KindTable;
  readonly #remote: RemoteParts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #leave: (() => void)[] = [];
  #seenKinds: KindTable | undefined;
  #remoteServices: readonly APIService[] | undefined;
  #timer: Timer | undefined;
  #round: Promise<void> = Promise.resolve();
  #due = false;

  constructor(
    registry: Registry,
    remote: RemoteParts,
    parts: { readonly kinds: () => KindTable; readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#registry = registry;
    this.#remote = remote;
    this.#kinds = parts.kinds;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  start(): void {
    const { cache } = this.#registry.objects;
    const prefixes = [
      "/apiregistration.k8s.io/apiservices/",
      "/apiextensions.k8s.io/customresourcedefinitions/",
    ];
    for (const prefix of prefixes) this.#leave.push(cache.kind(prefix).join(() => this.#wake()));
    this.#wake();
  }

  /** The APIService that says who serves a group and version. */
  find(group: string, version: string): APIService | undefined {
    const cached = this.#registry.objects.cached(apiServiceKind, "", `${version}.${group}`);
    return cached?.object<APIService>();
  }

  /** Those that other servers stand behind. Asked with every request, so read anew only after a change. */
  remote(): readonly APIService[] {
    return (this.#remoteServices ??= [...this.#registry.objects.kindCache(apiServiceKind).objects()]
      .map((one) => one.object<APIService>())
      .filter(({ spec }) => spec?.service !== undefined));
  }

  #wake(): void {
    this.#remoteServices = undefined;
    if (this.#due || this.#stop.signal.aborted) return;
    this.#due = true;
    this.#round = this.#round.then(() => this.#reconcileAll());
  }

  async #reconcileAll(): Promise<void> {
    this.#due = false;
    this.#timer?.cancel();
    try {
      await this.#keepLocal();
      await Promise.all(this.remote().map((service) => this.#probe(service)));
    } catch (error) {
      const isRace = isStatusError(error) && (error.code === 404 || error.code === 409);
      if (!isRace && !this.#stop.signal.aborted)
        this.#logger.error(`${this.label} could not finish: ${errorMessage(error)}`);
    }
    if (this.#stop.signal.aborted) return;
    this.#timer = this.#clock.after(roundMs, () => this.#wake(), { background: true });
  }

  async #keepLocal(): Promise<void> {
    const table = this.#kinds();
    if (table === this.#seenKinds) return;
    const served = new Map(table.all().map((kind) => [`${kind.version}.${kind.group}`, kind]));
    for (const [name, kind] of served) {
      const { group, version, custom } = kind;
      if (this.#registry.objects.cached(apiServiceKind, "", name)) continue;
      await createObject(
        this.#registry,
        apiServiceKind,
        {
          apiVersion: groupVersion(apiServiceKind),
          kind: "APIService",
          metadata: { name, labels: { [automanagedLabel]: custom ? "true" : "onstart" } },
          spec: {
            ...(group === "" ? {} : { group }),
            version,
            groupPriorityMinimum: groupPriority(group),
            versionPriority: versionPriority(kind),
          },
        },
        this.#context(""),
      );
      await this.#tell(name, localAvailability);
    }
    for (const cached of [...this.#registry.objects.kindCache(apiServiceKind).objects()]) {
      const { metadata } = cached.object<APIService>();
      if (served.has(cached.name) || !metadata.labels?.[automanagedLabel]) continue;
      await deleteObject(this.#registry, apiServiceKind, "", cached.name, {}, this.#context(""));
    }
    this.#seenKinds = table;
  }

  async #probe(service: APIService): Promise<void> {
    const { name } = service.metadata;
    const found = await this.#availability(service);
    if (found.status !== "True") this.documents.delete(name);
    const told = availabilityOf(service);
    if (told?.status === found.status && told.reason === found.reason && told.message === found.message)
      return;
    await this.#tell(name, found);
  }

  async #availability(service: APIService): Promise<Availability> {
    const { group = "", version = "", service: where } = service.spec;
    let options: Awaited<ReturnType<typeof remoteOptions>>;
    try {
      options = await remoteOptions(this.#remote, service, aggregatorUser);
    } catch (error) {
      const at = `${where?.namespace ?? ""}/${where?.name ?? ""}`;
      const why = errorMessage(error);
      const reason = why.includes("not found")
        ? "ServiceNotFound"
        : why.includes("no service port")
          ? "ServicePortError"
          : "MissingEndpoints";
      return { status: "False", reason, message: `service/${at}: ${why}` };
    }
    const path = `/apis/${groupVersion({ group, version })}`;
    try {
      const resources = await readDocument(options, path, answerMs);
      const index: JsonObject = await readDocument(options, "/openapi/v3", answerMs).catch(() => ({}));
      const paths = (index["paths"] ?? {}) as Record<string, { serverRelativeURL?: string }>;
      const openApi = paths[path.slice(1)]?.serverRelativeURL;
      this.documents.set(service.metadata.name, { resources, openApi });
      return { status: "True", reason: "Passed", message: "all checks passed" };
    } catch (error) {
      const message = `failing or missing response from https://${options.host}:${options.port}${path}: ${errorMessage(error)}`;
      return { status: "False", reason: "FailedDiscoveryCheck", message };
    }
  }

  async #tell(name: string, availability: Availability): Promise<void> {
    const change = (draft: Draft): Draft => {
      const { status } = draft as unknown as APIService;
      const others = (status?.conditions ?? []).filter(({ type }) => type !== "Available");
      const old = status?.conditions?.find(({ type }) => type === "Available");
      const lastTransitionTime =
        old?.status === availability.status ? old.lastTransitionTime : formatTime(this.#clock.now());
      draft.status = { conditions: [...others, { type: "Available", lastTransitionTime, ...availability }] };
      return draft;
    };
    await updateObject(
      this.#registry,
      apiServiceKind,
      "",
      name,
      (current) => change(current.copy<Draft>()),
      this.#context("status"),
    );
  }

  #context(subresource: string): WriteContext {
    return {
      user: aggregatorUser,
      dryRun: false,
      subresource,
      fieldManager: "kube-aggregator",
      warnings: [],
      signal: this.#stop.signal,
      now: this.#clock.now(),
    };
  }

  async dispose(): Promise<void> {
    this.#stop.abort(new Error(`${this.label} is stopped`));
    this.#timer?.cancel();
    for (const leave of this.#leave) leave();
    await this.#round;
  }
}
