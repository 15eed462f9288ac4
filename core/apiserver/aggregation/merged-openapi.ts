import { errorMessage, type Logger } from "@berth/base";
import {
  decodeJson,
  noJsonLimits,
  groupVersion,
  isJsonObject,
  type JsonObject,
  mergeOpenApiV2,
} from "../../api/index.ts";
import { OpenApiV2Document } from "../endpoints/openapi-v2-document.ts";
import { hashOf } from "../render/tagged-reply.ts";
import type { BytesReply, Handler, Reply, ServerRequest } from "../request/request.ts";
import { type APIService, availabilityOf } from "./api-service.ts";
import { aggregatorUser, askRemote, remoteOptions, type RemoteParts } from "./remote-server.ts";

const answerMs = 5000;

interface RemoteDocument {
  readonly service: APIService;
  /** As the server named it; it is asked whether that is still the one. */
  readonly tag: string | undefined;
  readonly hash: string;
  readonly value: JsonObject;
}

/**
 * `/openapi/v2` with the groups of other servers in it. They are asked when somebody asks here, which clients of today do not,
 * and give the whole document only when it is another one than before.
 */
export class MergedOpenApi {
  readonly #remote: RemoteParts;
  readonly #logger: Logger;
  #known: ReadonlyMap<string, RemoteDocument> = new Map();
  #merged: { readonly of: string; readonly document: OpenApiV2Document } | undefined;

  constructor(remote: RemoteParts, logger: Logger) {
    this.#remote = remote;
    this.#logger = logger;
  }

  /** @param next gives this server's part */
  async reply(request: ServerRequest, next: Handler, services: readonly APIService[]): Promise<Reply> {
    const asked = await Promise.all(services.map((service) => this.#document(service)));
    const documents = asked
      .filter((one) => one !== undefined)
      .toSorted((a, b) => (a.service.metadata.name < b.service.metadata.name ? -1 : 1));
    this.#known = new Map(documents.map((one) => [one.service.metadata.name, one]));
    if (documents.length === 0) return next(request);
    // It is merged whole and as JSON, whatever the caller wants and remembers of the merged one.
    const headers = { ...request.headers, accept: "application/json", "if-none-match": undefined };
    const own = await next({ ...request, headers });
    if (own.kind !== "bytes") return own;
    const of = [own.headers?.["ETag"], ...documents.map(({ hash }) => hash)].join(" ");
    if (this.#merged?.of !== of)
      this.#merged = { of, document: new OpenApiV2Document(merge(own, documents)) };
    return this.#merged.document.reply(request);
  }

  /** What was known before, while a server does not answer. */
  async #document(service: APIService): Promise<RemoteDocument | undefined> {
    const { name } = service.metadata;
    const known = this.#known.get(name);
    if (availabilityOf(service)?.status !== "True") return known;
    try {
      const options = await remoteOptions(this.#remote, service, aggregatorUser);
      const { status, value, tag } = await askRemote(
        {
          ...options,
          path: "/openapi/v2",
          headers: {
            ...(options.headers as Record<string, string>),
            ...(known?.tag === undefined ? {} : { "If-None-Match": known.tag }),
          },
          signal: AbortSignal.timeout(answerMs),
        },
        undefined,
      );
      if (status === 304 && known) return { ...known, service };
      if (status === 404) return undefined;
      if (status !== 200 || !isJsonObject(value)) throw new Error(`it answered ${status}`);
      return { service, tag, hash: hashOf(JSON.stringify(value)), value };
    } catch (error) {
      this.#logger.debug(`no OpenAPI v2 from ${name}`, { cause: errorMessage(error) });
      return known;
    }
  }
}

function merge(own: BytesReply, documents: readonly RemoteDocument[]): JsonObject {
  return documents.reduce(
    (merged, { service, value }) => {
      const { group = "", version = "" } = service.spec;
      return mergeOpenApiV2(merged, value, `/apis/${groupVersion({ group, version })}`);
    },
    decodeJson(own.body, noJsonLimits).value as JsonObject,
  );
}
