import type { OutgoingHttpHeaders } from "node:http";
import type { ConnectionOptions } from "node:tls";
import { errorMessage, type Logger } from "@berth/base";
import { carryUpgrade } from "../proxy/carry-upgrade.ts";
import { forwardRequest } from "../proxy/forward-request.ts";
import type { Filter, Handler, Reply, ServerRequest } from "../request/request.ts";
import { serviceUnavailable } from "../request/status-error.ts";
import { takeResponse } from "../request/take-response.ts";
import { type APIService, availabilityOf } from "./api-service.ts";
import type { ApiServiceController } from "./api-service-controller.ts";
import { askedWhole, isOpenApiV2, mergedDiscovery } from "./merged-discovery.ts";
import { remoteOptions, type RemoteParts } from "./remote-server.ts";
import { MergedOpenApi } from "./merged-openapi.ts";
import { watchRemote } from "./remote-watch.ts";
import { answerWhole } from "./whole-answer.ts";

/** Where a path belongs to a group and version: its objects, its discovery document, its schema. */
const ofVersion = /^\/(?:openapi\/v3\/)?apis\/([^/]+)\/([^/]+)(?:\/|$)/;

/**
 * Hands requests for what other servers serve on to them, in the name of who asks, and shows those servers' groups among
 * our own. It stands behind authorization: nobody reaches them who may not.
 */
export function aggregator(
  services: ApiServiceController,
  remote: RemoteParts,
  { logger }: { readonly logger: Logger },
): Filter {
  const openApi = new MergedOpenApi(remote, logger);
  return (request, next) => {
    // Most servers stand alone.
    if (services.remote().length === 0) return next(request);
    const [, group = "", version = ""] = ofVersion.exec(request.path) ?? [];
    const service = group === "" ? undefined : services.find(group, version);
    if (service?.spec?.service) return handOn(service, request);
    return request.info.isResource ? next(request) : merged(request, next);
  };

  async function merged(request: ServerRequest, next: Handler): Promise<Reply> {
    if (isOpenApiV2(request.path)) return await openApi.reply(request, next, services.remote());
    const reply = await next(askedWhole(request)).catch((error: unknown) => error as Error);
    return mergedDiscovery(request, reply, services);
  }

  async function handOn(service: APIService, request: ServerRequest): Promise<Reply> {
    const told = availabilityOf(service);
    if (told && told.status !== "True")
      throw serviceUnavailable(
        `${service.metadata.name} is not available: ${told.message ?? told.reason ?? ""}`,
      );
    const query = request.query.toString();
    const path = request.path + (query === "" ? "" : `?${query}`);
    const unreachable = (error: unknown): Error =>
      serviceUnavailable(`error trying to reach service: ${errorMessage(error)}`);
    let options: Awaited<ReturnType<typeof remoteOptions>>;
    try {
      options = await remoteOptions(remote, service, request.user);
    } catch (error) {
      throw unreachable(error);
    }
    const headers = options.headers as OutgoingHttpHeaders;
    if (request.upgrade) {
      const { host, port, servername, key, cert, ca, rejectUnauthorized } = options;
      const target = { host, port, servername, key, cert, ca, rejectUnauthorized } as ConnectionOptions;
      return await carryUpgrade({ ...target, path, headers }, request, unreachable);
    }
    const response = takeResponse(request);
    if (!response) {
      const { info, signal } = request;
      if (info.isResource && info.verb === "watch")
        return await watchRemote({ ...options, path }, signal, unreachable);
      return await answerWhole(options, path, request, unreachable);
    }
    return await forwardRequest({ ...options, path, headers }, request, response, { unreachable, logger });
  }
}
