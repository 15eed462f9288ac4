import type { IncomingMessage } from "node:http";
import { isAbsolute, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type { Duplex } from "node:stream";
import { type Clock, type Disposable, errorMessage, isBerthError, type Logger } from "@berth/base";
import {
  type ClientIdentity,
  type HttpRequest,
  type HttpResponse,
  identityAt,
  identityOfSocket,
  type KeyPair,
  SecureServer,
} from "../../http/index.ts";
import type { PluginTools, RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import { newestContainer } from "../actual/pod-actual.ts";
import { podLogFolder } from "../config/sandbox-config.ts";
import { kubeletRequestError } from "../errors.ts";
import { readLogOptions } from "../logs/log-options.ts";
import { readLog } from "../logs/log-reader.ts";
import type { PodManager } from "../pods/pod-manager.ts";
import type { PodRuntimes } from "../pods/pod-parts.ts";
import type { PodWorker } from "../pods/pod-worker.ts";
import { importImages } from "./image-import.ts";
import { type KubeletRoute, refusal, routeOf } from "./kubelet-routes.ts";
import { servePluginTools } from "./plugin-tools-server.ts";
import { demandLogged, demandPod, demandRunning, demandSandbox } from "./pod-lookup.ts";
import { proxyStream } from "./stream-proxy.ts";

export interface KubeletServerParts {
  readonly host: string;
  readonly port: number;
  readonly serving: KeyPair;
  /** PEM; callers' certificates come from it. */
  readonly clientAuthority: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly manager: PodManager;
  readonly runtimes: PodRuntimes;
  readonly logsRoot: string;
  /** Every runtime handler of the node. */
  readonly allHandlers: () => readonly RuntimeHandler[];
  readonly tools: PluginTools;
  /** For what is kept during one request. */
  readonly scratchFolder: string;
  readonly metrics: () => Promise<{ contentType: string; text: string }>;
  readonly statsSummary: () => Promise<object>;
}

/** The kubelet's own HTTPS port: logs from files, and a byte proxy to the runtime for exec, attach, port-forward. */
export class KubeletServer implements Disposable {
  readonly label = "kubelet port";
  readonly #parts: KubeletServerParts;
  readonly #server: SecureServer;

  constructor(parts: KubeletServerParts) {
    this.#parts = parts;
    this.#server = new SecureServer({
      label: "kubelet",
      host: parts.host,
      port: parts.port,
      serving: parts.serving,
      clientAuthority: parts.clientAuthority,
      logger: parts.logger,
      handle: (request, response) => this.#handle(request, response),
      upgrade: (request, socket, head) => void this.#upgrade(request, socket, head),
    });
  }

  get port(): number {
    return this.#server.port;
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  rotate(serving: KeyPair, clientAuthority: string): void {
    this.#server.rotate(serving, clientAuthority);
  }

  dispose(): Promise<void> {
    return this.#server.dispose();
  }

  async #handle(request: HttpRequest, response: HttpResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "https://kubelet");
    const route = routeOf(url.pathname);
    if (!route) return answer(response, 404, `the kubelet serves nothing at ${url.pathname}`);
    const no = refusal(route, this.#caller(request.socket));
    if (no) return answer(response, no.status, no.message);
    try {
      await this.#serve(route, url.searchParams, request, response);
    } catch (error) {
      if (response.headersSent) {
        response.end();
        return;
      }
      const own = isBerthError(error, kubeletRequestError);
      if (!own)
        this.#parts.logger.warn(`kubelet port: ${url.pathname} failed`, { error: errorMessage(error) });
      answer(response, own ? 400 : 500, errorMessage(error));
    }
  }

  async #serve(
    route: KubeletRoute,
    query: URLSearchParams,
    request: HttpRequest,
    response: HttpResponse,
  ): Promise<void> {
    switch (route.kind) {
      case "healthz":
        return answer(response, 200, "ok");
      case "pods":
        return answerJson(response, this.#podList());
      case "metrics": {
        const { contentType, text } = await this.#parts.metrics();
        return answer(response, 200, text, contentType);
      }
      case "statsSummary":
        return answerJson(response, await this.#parts.statsSummary());
      case "imageImport": {
        if (request.method !== "POST") return answer(response, 405, "an image archive is sent with POST");
        const images = await importImages(request, this.#parts.allHandlers(), this.#parts.scratchFolder);
        this.#parts.manager.tryHeld();
        return answerJson(response, { images });
      }
      case "plugin":
        return servePluginTools(route, query, request, response, this.#parts.tools);
      case "logs":
        return this.#logs(route, query, response);
      default:
        return answer(response, 400, `${route.kind} needs an upgrade of the connection (WebSocket or SPDY)`);
    }
  }

  #podList(): object {
    const items = this.#parts.manager.workers.map(({ pod }) => pod);
    return { kind: "PodList", apiVersion: "v1", metadata: {}, items };
  }

  async #logs(
    route: Extract<KubeletRoute, { kind: "logs" }>,
    query: URLSearchParams,
    response: HttpResponse,
  ): Promise<void> {
    const { clock, logsRoot, manager } = this.#parts;
    const options = readLogOptions(query, clock.now());
    const worker = demandPod(
      (namespace, name) => manager.find(namespace, name),
      route.namespace,
      route.pod,
      undefined,
    );
    const container = demandLogged(worker, route.container, options.previous);
    const path = isAbsolute(container.logPath)
      ? container.logPath
      : join(podLogFolder(logsRoot, worker.pod), route.container, `${container.attempt}.log`);
    const stop = new AbortController();
    response.on("close", () => stop.abort(new Error("the reader has gone")));
    const isRunning = (): boolean => {
      const newest = newestContainer(worker.actual, route.container);
      return newest?.id === container.id && newest.phase === "running";
    };
    response.statusCode = 200;
    response.setHeader("content-type", "text/plain");
    (response as { flushHeaders?(): void }).flushHeaders?.();
    const text = readLog(path, options, isRunning, stop.signal);
    await pipeline(Readable.from(text), response as unknown as NodeJS.WritableStream).catch(
      (error: unknown) => {
        if (!stop.signal.aborted) throw error;
      },
    );
  }

  #caller(socket: unknown): ClientIdentity {
    return identityAt(identityOfSocket(socket), this.#parts.clock.now());
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? "/", "https://kubelet");
    const route = routeOf(url.pathname);
    try {
      const no = route
        ? refusal(route, this.#caller(socket))
        : { status: 404, message: "nothing is served here" };
      if (no || !route) return refuse(socket, no?.status ?? 404, no?.message ?? "");
      const target = await this.#streamUrl(route, url.searchParams);
      if (target === undefined) return refuse(socket, 400, `${route.kind} is no stream`);
      await proxyStream(request, socket, head, target);
    } catch (error) {
      refuse(socket, isBerthError(error, kubeletRequestError) ? 400 : 500, errorMessage(error));
    }
  }

  async #streamUrl(route: KubeletRoute, query: URLSearchParams): Promise<string | undefined> {
    if (route.kind !== "exec" && route.kind !== "attach" && route.kind !== "portForward") return undefined;
    const { manager } = this.#parts;
    const worker = demandPod(
      (namespace, name) => manager.find(namespace, name),
      route.namespace,
      route.pod,
      route.uid,
    );
    const { cri } = await this.#handlerOf(worker);
    if (route.kind === "portForward") {
      const ports = query
        .getAll("port")
        .concat(query.getAll("ports"))
        .flatMap((text) => text.split(","))
        .map(Number);
      return (
        await cri.portForward({ pod_sandbox_id: demandSandbox(worker), port: ports.filter(Number.isInteger) })
      ).url;
    }
    const container_id = demandRunning(worker, route.container).id;
    const tty = wants(query, "tty");
    const streams = {
      stdin: wants(query, "input", "stdin"),
      stdout: wants(query, "output", "stdout"),
      // With a terminal there is one stream for both.
      stderr: !tty && wants(query, "error", "stderr"),
      tty,
    };
    if (route.kind === "attach") return (await cri.attach({ container_id, ...streams })).url;
    return (await cri.exec({ container_id, cmd: query.getAll("command"), ...streams })).url;
  }

  async #handlerOf(worker: PodWorker): Promise<RuntimeHandler> {
    const choice = await this.#parts.runtimes.choose(worker.pod);
    if (choice.handler) return choice.handler;
    throw new Error(choice.reason);
  }
}

function wants(query: URLSearchParams, ...names: string[]): boolean {
  return names.some((name) => ["1", "true"].includes(query.get(name) ?? ""));
}

function answer(response: HttpResponse, status: number, text: string, contentType = "text/plain"): void {
  response.statusCode = status;
  response.setHeader("content-type", contentType);
  response.end(text);
}

function answerJson(response: HttpResponse, body: object): void {
  answer(response, 200, JSON.stringify(body), "application/json");
}

const statusTexts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
};

function refuse(socket: Duplex, status: number, message: string): void {
  const body = Buffer.from(`${message}\n`);
  socket.end(
    `HTTP/1.1 ${status} ${statusTexts[status] ?? "Error"}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.toString("utf8")}`,
  );
}
