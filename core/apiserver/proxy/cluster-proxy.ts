import { BlockList, isIP } from "node:net";
import { errorMessage, type Logger } from "@berth/base";
import { type Kind, kinds } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { Reply } from "../request/request.ts";
import { badRequest, notFound, serviceUnavailable } from "../request/status-error.ts";
import type { SubresourceCall, SubresourceHandler } from "../subresources/subresource.ts";
import type { ServiceResolver } from "../webhooks/service-resolver.ts";
import { carryUpgrade } from "./carry-upgrade.ts";
import { forwardRequest } from "./forward-request.ts";
import { demandResponse, querySuffix } from "./streaming-subresources.ts";

const podKind = kinds.byKind("", "v1", "Pod")!;
const serviceKind = kinds.byKind("", "v1", "Service")!;

interface Place {
  readonly host: string;
  readonly port: number;
}

interface PodParts {
  spec?: { containers?: { ports?: { containerPort: number }[] }[] };
  status?: { podIP?: string };
}

/** pods/[SCHEME:]NAME[:PORT]/proxy/…: a port of the pod, the first that a container declares where none is named. */
export function podProxy(logger: Logger): SubresourceHandler {
  return async (call) => {
    const { scheme, name, port } = asked(call, "pod");
    const { spec, status } = found(call, podKind, name) as PodParts;
    const declared = spec?.containers?.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort;
    const number = port === "" ? (declared ?? defaultPort[scheme]) : Number(port);
    return await carry(call, scheme, { host: status?.podIP ?? "", port: number }, logger);
  };
}

/** services/[SCHEME:]NAME[:PORT]/proxy/…: a ready endpoint of the service; a port has its number or name, or has no name. */
export function serviceProxy(services: ServiceResolver, logger: Logger): SubresourceHandler {
  return async (call) => {
    const { scheme, name, port } = asked(call, "service");
    found(call, serviceKind, name);
    let place: Place;
    try {
      place = services.locate(call.info.namespace, name, port);
    } catch (error) {
      throw serviceUnavailable(errorMessage(error));
    }
    return await carry(call, scheme, place, logger);
  };
}

const defaultPort = { http: 80, https: 443 };

interface Asked {
  readonly scheme: "http" | "https";
  readonly name: string;
  readonly port: string;
}

/** @throws StatusError 400 */
function asked({ info }: SubresourceCall, what: "pod" | "service"): Asked {
  const [, scheme = "http", name = "", port = ""] =
    /^(?:(https?):(?=.*:))?([^:]+)(?::([^:]*))?$/.exec(info.name) ?? [];
  const fits =
    what === "service" || port === "" || (/^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65536);
  if (name === "" || !fits) throw badRequest(`invalid ${what} request ${JSON.stringify(info.name)}`);
  return { scheme: scheme as Asked["scheme"], name, port };
}

function found({ registry, info }: SubresourceCall, kind: Kind, name: string): Draft {
  const cached = registry.objects.cached(kind, info.namespace, name);
  if (!cached) throw notFound(kind, name);
  return cached.object<Draft>();
}

/** What only the server's own machine or link can reach, and what is nobody's alone: no object may lead a caller there. */
const notAllowed = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["255.255.255.255", 32],
] as const)
  notAllowed.addSubnet(network, prefix);
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  notAllowed.addSubnet(network, prefix, "ipv6");

const proxyPath = /^(\/api\/v1\/namespaces\/[^/]+\/(?:pods|services)\/[^/]+\/proxy)(\/.*)?$/;

async function carry(
  { request, info }: SubresourceCall,
  scheme: Asked["scheme"],
  { host, port }: Place,
  logger: Logger,
): Promise<Reply> {
  const family = isIP(host);
  if (family === 0 || notAllowed.check(host, family === 4 ? "ipv4" : "ipv6"))
    throw badRequest("address not allowed");
  // As the caller wrote it, percent signs and the last slash included.
  const [, base = request.path, rest = info.rest] = proxyPath.exec(request.path) ?? [];
  const authority = `${family === 6 ? `[${host}]` : host}:${port}`;
  // Nobody could have told the server whom to believe: pods make up their certificates.
  const target = { protocol: `${scheme}:` as const, host, port, rejectUnauthorized: false };
  const path = `${rest || "/"}${querySuffix(request.query)}`;
  const headers = {
    Host: authority,
    "X-Forwarded-Uri": `${base}${rest}`,
    "X-Forwarded-Host": request.headers.host ?? request.headers[":authority"] ?? "",
    "X-Forwarded-Proto": "https",
  };
  const unreachable = (error: unknown): Error =>
    serviceUnavailable(`error trying to reach service: ${errorMessage(error)}`);
  if (request.upgrade) return await carryUpgrade({ ...target, path, headers }, request, unreachable);
  const response = demandResponse(request);
  if (rest === "" && (request.method === "GET" || request.method === "HEAD")) {
    // Links of the page that are relative lead below it only so.
    response.writeHead(301, { Location: `${base}/${querySuffix(request.query)}` }).end();
    return { kind: "taken" };
  }
  return await forwardRequest({ ...target, path, headers }, request, response, {
    unreachable,
    logger,
    location: (text) => below(base, `${scheme}://${authority}`, text),
  });
}

/** Where a redirection of the target leads, for who came through the proxy. */
function below(base: string, origin: string, location: string): string {
  if (location.startsWith("/") && !location.startsWith("//")) return base + location;
  return location.startsWith(`${origin}/`) ? base + location.slice(origin.length) : location;
}
