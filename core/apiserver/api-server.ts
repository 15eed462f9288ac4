import {
  type Clock,
  createToken,
  type Disposable,
  DisposableStack,
  type Logger,
  type Token,
} from "@berth/base";
import type { Registry as MetricsRegistry } from "prom-client";
import { kinds } from "../api/index.ts";
import {
  certificateSigner,
  type KeyPair,
  type Pki,
  RenewalRounds,
  SecureServer,
  type ServerLimits,
} from "../http/index.ts";
import type { Store } from "../store/store.ts";
import type { AdmissionPlugin } from "./admission/admission.ts";
import { bootstrapTokens } from "./authn/bootstrap-tokens.ts";
import { ServiceAccountTokens } from "./authn/service-account-tokens.ts";
import { staticTokens } from "./authn/static-tokens.ts";
import { AuditLogFile, type AuditLogSettings } from "./audit/audit-log-file.ts";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import { OwnEndpoints } from "./bootstrap/own-endpoints.ts";
import { bootstrapOwnService } from "./bootstrap/own-service.ts";
import { publishExtensionAuthentication } from "./bootstrap/extension-authentication.ts";
import { WatchCache } from "./cache/watch-cache.ts";
import { customResources } from "./customresources/custom-resources.ts";
import type { InFlightLimits } from "./filters/in-flight.ts";
import { WatchWriters } from "./render/watch-writers.ts";
import { KubeletProxy } from "./proxy/kubelet-proxy.ts";
import { ObjectStore } from "./registry/object-store.ts";
import { servedTable } from "./registry/versions.ts";
import type { User } from "./request/request.ts";
import { badRequest, tooManyHeaders } from "./request/status-error.ts";
import { assemble, type ServerParts } from "./server/assemble.ts";
import { Bookmarks } from "./server/bookmarks.ts";
import { SlowClients } from "./server/slow-clients.ts";
import { HttpFront, plainAnswer } from "./server/http-front.ts";
import { type InProcessAnswer, InProcessFront, type InProcessRequest } from "./server/in-process-front.ts";
import { ServiceAddresses } from "./service-addresses/service-addresses.ts";
import { ServicePorts } from "./service-addresses/service-ports.ts";
import { ServiceRange } from "./service-addresses/service-range.ts";

export interface ApiServerSettings {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** The address under which nodes and pods reach this server. */
  readonly advertiseAddress: string;
  /** Names and addresses, besides the usual ones, that the serving certificate is good for. */
  readonly certificateHosts?: readonly string[];
  /** Of Services; 10.96.0.0/16 by default. */
  readonly serviceRange?: string;
  readonly nodePorts?: { readonly first: number; readonly last: number };
  readonly clusterDomain?: string;
  /** Berth's own version. */
  readonly version: string;
  /** Other processes write to the same store. */
  readonly sharedStore?: boolean;
  readonly limits?: InFlightLimits;
  /** Fixed bearer tokens, for tests. */
  readonly staticTokens?: ReadonlyMap<string, User>;
  /** Of connections; the usual ones without it. */
  readonly connections?: Partial<ServerLimits>;
  /** Without it nothing is written to an audit log. */
  readonly audit?: AuditLogSettings;
  /** Answered at /metrics together with the server's own; a registry of its own without it. */
  readonly metrics?: MetricsRegistry;
  /** JSON documents of the process by their path below /debug/, for who may read all. */
  readonly debug?: ReadonlyMap<string, () => object | Promise<object>>;
  /** After the built-in ones. */
  readonly admission?: readonly AdmissionPlugin[];
}

export interface ApiServerParts {
  readonly settings: ApiServerSettings;
  readonly store: Store;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The running API server. Its store and its keys belong to whoever made them. */
export interface ApiServer extends Disposable {
  /** Resolves when requests are answered. */
  start(): Promise<void>;
  /** `https://127.0.0.1:6443`, once started. */
  readonly url: string;
  readonly port: number;
  /** For callers in the same process: enters the same filter chain, as this user. */
  call(user: User, request: InProcessRequest): Promise<InProcessAnswer>;
}

export const ApiServer: Token<ApiServer> = createToken<ApiServer>("apiserver");
export const ApiServerSettings: Token<ApiServerSettings> =
  createToken<ApiServerSettings>("apiserver.settings");

const usualNodePorts = { first: 30_000, last: 32_767 };

export function createApiServer(parts: ApiServerParts): ApiServer {
  return new RunningApiServer(parts);
}

class RunningApiServer implements ApiServer {
  readonly label = "API server";
  readonly #parts: ApiServerParts;
  readonly #stack = new DisposableStack("API server");
  #front: InProcessFront | undefined;
  #server: SecureServer | undefined;

  constructor(parts: ApiServerParts) {
    this.#parts = parts;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get url(): string {
    const { host } = this.#parts.settings;
    const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    return `https://${reachable.includes(":") ? `[${reachable}]` : reachable}:${this.port}`;
  }

  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.#stack.disposeWithReport();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { settings, store, pki, clock, logger } = this.#parts;
    const range = new ServiceRange(settings.serviceRange ?? "10.96.0.0/16");
    const domain = settings.clusterDomain ?? "cluster.local";
    const cache = this.#stack.use(new WatchCache(store, clock, logger));
    await cache.start();
    const custom = customResources(servedTable(kinds), cache);
    this.#stack.defer("custom resources", custom.dispose);
    const objects = new ObjectStore(store, cache, settings.sharedStore ?? false, custom.forms);
    const addresses = new ServiceAddresses(objects, range, clock);
    const ports = new ServicePorts(objects, settings.nodePorts ?? usualNodePorts, clock);
    const keys = await pki.serviceAccountKeys();
    const issuer = `https://kubernetes.default.svc.${domain}`;
    const tokens = new ServiceAccountTokens({ issuer, keys, cache, clock });
    const bookmarks = this.#stack.use(new Bookmarks(clock));
    const stopping = new AbortController();
    const kubelets = new KubeletProxy(async () => {
      const client = await pki.leaf("apiserver-kubelet-client", kubeletClient);
      return { client, authority: pki.authorityCertificate };
    }, logger);
    const auditLog = settings.audit && {
      policy: settings.audit.policy,
      sink: this.#stack.use(new AuditLogFile(settings.audit, { clock, logger })).sink,
    };
    const serverParts: ServerParts = {
      settings,
      auditLog,
      objects,
      kinds: custom.kinds,
      addresses,
      ports,
      tokens,
      signer: certificateSigner(pki, clock),
      authenticators: [
        tokens,
        bootstrapTokens(cache, clock),
        ...(settings.staticTokens ? [staticTokens(settings.staticTokens)] : []),
      ],
      kubelets,
      frontProxy: () => pki.frontProxyClient(),
      authority: () => pki.authorityCertificate,
      clock,
      logger,
    };
    const { handler, controllers, dispose } = assemble(serverParts);
    this.#stack.defer("filter chain", dispose);
    const slow = this.#stack.use(new SlowClients(clock));
    const { watchStarted } = bookmarks;
    const { waitsFor } = slow;
    const shared = { clock, logger, signal: stopping.signal, watchStarted };
    const front = new HttpFront({
      handler,
      tokens: serverParts.authenticators,
      writer: { clock, watches: new WatchWriters({ ...shared, waitsFor }), waitsFor },
      clock,
      logger,
    });
    this.#front = new InProcessFront({ ...shared, handler });
    const published = { objects, clock, logger };
    await bootstrap(published);
    await publishExtensionAuthentication(published, pki);
    const settlingMs = settings.sharedStore ? 60_000 : 0;
    await addresses.repair(settlingMs);
    await ports.repair(settlingMs);
    const serving = (): Promise<KeyPair> => this.#serving(range, domain);
    const server = this.#stack.use(await this.#listen(front, await serving()));
    this.#server = server;
    const renew = async (): Promise<void> => {
      server.rotate(await serving(), pki.authorityCertificate);
      tokens.useKeys(await pki.serviceAccountKeys());
      // Who asks for it sees a renewed authority behind it, too.
      await pki.frontProxyClient();
      await publishExtensionAuthentication(published, pki);
    };
    this.#stack.use(new RenewalRounds("keys of the API server", { clock, logger }, renew));
    const advertise = { address: settings.advertiseAddress, port: this.port };
    await bootstrapOwnService({ ...published, addresses, range, targetPort: this.port });
    const endpoints = new OwnEndpoints({ ...published, advertise, shared: settings.sharedStore ?? false });
    this.#stack.use(endpoints);
    await endpoints.start();
    for (const controller of controllers) {
      this.#stack.use(controller);
      controller.start();
    }
    bookmarks.start();
    this.#stack.defer("open watches", () => stopping.abort());
    logger.info(`the API server answers at ${this.url}`, { objects: cache.revision });
  }

  async #listen(front: HttpFront, serving: KeyPair): Promise<SecureServer> {
    const { settings, pki, logger } = this.#parts;
    const server = new SecureServer({
      label: this.label,
      host: settings.host,
      port: settings.port,
      serving,
      clientAuthority: pki.authorityCertificate,
      limits: settings.connections ?? {},
      logger,
      unreadable: (code) =>
        plainAnswer(
          code === 431 ? tooManyHeaders() : badRequest("the connection does not carry an HTTP request"),
        ),
      handle: (request, response) => front.handle(request, response),
      upgrade: (request, socket, head) => void front.upgrade(request, socket, head),
    });
    await server.start();
    return server;
  }

  async #serving(range: ServiceRange, domain: string): Promise<KeyPair> {
    const { settings, pki } = this.#parts;
    const service = "kubernetes.default.svc";
    const names = ["kubernetes", "kubernetes.default", service, `${service}.${domain}`, "localhost"];
    const addresses = ["127.0.0.1", "::1", range.first, settings.advertiseAddress];
    const hosts = [...new Set([...names, ...addresses, ...(settings.certificateHosts ?? [])])];
    return await pki.leaf("apiserver", { commonName: "kube-apiserver", hosts, usages: ["server"] });
  }

  call(user: User, request: InProcessRequest): Promise<InProcessAnswer> {
    if (!this.#front) throw new Error("the API server was asked before it was started");
    return this.#front.call(user, request);
  }

  async dispose(): Promise<void> {
    await this.#stack.dispose();
  }
}

const kubeletClient = {
  commonName: "kube-apiserver-kubelet-client",
  organizations: ["system:masters"],
  usages: ["client"] as const,
};
