import { discoveryReply } from "../endpoints/discovery.ts";
import { OpenApiDocuments } from "../endpoints/openapi.ts";
import { type HealthCheck, healthReply } from "../endpoints/health.ts";
import type { ServerMetrics } from "../endpoints/metrics.ts";
import { gitVersion, versionDocument } from "../endpoints/version.ts";
import type { Kind, KindTable } from "../../api/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import type { ServerParts } from "./assemble.ts";
import { serverChecks } from "./checks.ts";

/** Discovery, health, metrics and the other documents that are no resources. */
export function pathHandler(
  parts: ServerParts,
  metrics: ServerMetrics,
): (request: ServerRequest) => Promise<Reply | undefined> {
  const { kinds, tokens } = parts;
  const checks = serverChecks(parts.objects);
  const served = servedKinds(kinds);
  const openApi = new OpenApiDocuments(gitVersion(parts.settings.version), parts.clock);
  return async (request) => {
    const { path, query } = request;
    const [first = "", second = ""] = path.split("/").filter((part) => part !== "");
    switch (first) {
      case "":
        return document({ paths: knownPaths(served(), checks) });
      case "api":
      case "apis":
        return discoveryReply(request, served());
      case "openapi":
        return await openApi.reply(request, served());
      case "version":
        return second === "" ? document(versionDocument(parts.settings.version)) : undefined;
      case "healthz":
      case "livez":
      case "readyz":
        return await healthReply(path, checks, query, parts.logger);
      case "metrics":
        if (path !== "/metrics") return undefined;
        return {
          kind: "bytes",
          status: 200,
          contentType: metrics.registry.contentType,
          body: await metrics.registry.metrics(),
        };
      case "debug":
        return document(await parts.settings.debug?.get(path)?.());
      case "openid":
        return path === "/openid/v1/jwks" ? document(await tokens.jwks()) : undefined;
      case ".well-known":
        return second === "openid-configuration" ? document(issuerDocument(tokens.issuer)) : undefined;
      default:
        return undefined;
    }
  };
}

/** What there is to be asked for, for people who look around. */
function knownPaths(served: readonly Kind[], checks: readonly HealthCheck[]): string[] {
  const versions = served.flatMap(({ group, version }) =>
    group === "" ? [`/api/${version}`] : [`/apis/${group}`, `/apis/${group}/${version}`],
  );
  const health = ["/healthz", "/livez", "/readyz"];
  const named = health.flatMap((root) => checks.map(({ name }) => `${root}/${name}`));
  const schemas = versions.filter((path) => path.split("/").length !== 3 || path.startsWith("/api/"));
  return [
    ...["/.well-known/openid-configuration", "/api", "/apis", "/metrics", "/openid/v1/jwks", "/version"],
    ...["/openapi/v2", "/openapi/v3", ...health, ...named, ...versions],
    ...schemas.map((path) => `/openapi/v3${path}`),
  ]
    .filter((path, at, all) => all.indexOf(path) === at)
    .toSorted();
}

function document(value: object | undefined): Reply | undefined {
  return value && { kind: "object", status: 200, value };
}

function issuerDocument(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  };
}

/** The rows that are served, worked out anew only when the table is another one. */
function servedKinds(kinds: () => KindTable): () => readonly Kind[] {
  let table: KindTable | undefined;
  let served: readonly Kind[] = [];
  return () => {
    if (table !== kinds()) {
      table = kinds();
      served = table.all().filter((kind) => kind.servedByDefault);
    }
    return served;
  };
}
