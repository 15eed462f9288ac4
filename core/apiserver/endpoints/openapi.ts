import { createHash } from "node:crypto";
import {
  groupKinds,
  groupVersion,
  type Kind,
  loadDescriptions,
  openApiV2,
  openApiV3,
} from "../../api/index.ts";
import { openApiV2Protobuf, openApiV2ProtobufType, wantsOpenApiV2Protobuf } from "./openapi-v2-protobuf.ts";
import type { BytesReply, ServerRequest } from "../request/request.ts";

interface Document {
  readonly body: Buffer;
  readonly hash: string;
}

/** The schema of everything served, for kubectl's explain and validation. Documents are made when first asked for. */
export class OpenApiDocuments {
  readonly #serverVersion: string;
  #kinds: readonly Kind[] = [];
  #documents = new Map<string, Promise<Document | undefined>>();

  constructor(serverVersion: string) {
    this.#serverVersion = serverVersion;
  }

  /** @returns undefined when there is no such document */
  async reply(request: ServerRequest, kinds: readonly Kind[]): Promise<BytesReply | undefined> {
    if (this.#kinds !== kinds) {
      this.#kinds = kinds;
      this.#documents = new Map();
    }
    const path = request.path.replace(/\/$/, "");
    if (path === "/openapi/v2" && wantsOpenApiV2Protobuf(request.headers["accept"])) {
      return {
        kind: "bytes",
        status: 200,
        contentType: openApiV2ProtobufType,
        body: openApiV2Protobuf("Berth", this.#serverVersion),
        headers: { Vary: "Accept" },
      };
    }
    const document = await this.#document(path);
    if (!document) return undefined;
    const etag = `"${document.hash}"`;
    const known = request.headers["if-none-match"] === etag;
    return {
      kind: "bytes",
      status: known ? 304 : 200,
      contentType: "application/json",
      body: known ? "" : document.body,
      headers: { ETag: etag, Vary: "Accept" },
    };
  }

  #document(path: string): Promise<Document | undefined> {
    let document = this.#documents.get(path);
    if (!document) this.#documents.set(path, (document = this.#make(path)));
    return document;
  }

  async #make(path: string): Promise<Document | undefined> {
    const value = await this.#value(path);
    if (!value) {
      // Wrong paths are not remembered: there are endless ones.
      this.#documents.delete(path);
      return undefined;
    }
    const body = Buffer.from(JSON.stringify(value));
    return { body, hash: createHash("sha256").update(body).digest("hex").toUpperCase() };
  }

  async #value(path: string): Promise<object | undefined> {
    if (path === "/openapi/v3") return await this.#index();
    const options = { descriptions: await loadDescriptions(), serverVersion: this.#serverVersion };
    if (path === "/openapi/v2") return openApiV2(this.#kinds, options);
    const match = /^\/openapi\/v3\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))$/.exec(path);
    if (!match) return undefined;
    return openApiV3(this.#kinds, match[2] ?? "", match[3] ?? match[1] ?? "", options);
  }

  async #index(): Promise<object> {
    const paths: Record<string, object> = {};
    const rows = groupKinds(this.#kinds).flatMap(({ group, versions }) =>
      versions.map(({ version, kinds }) => ({ at: groupVersion({ group, version }), group, kinds })),
    );
    for (const { at, group, kinds } of rows) {
      const path = `${group === "" ? "api" : "apis"}/${at}`;
      // The rows decide what the document says; it need not be made to be named.
      const hash = createHash("sha256")
        .update(JSON.stringify(kinds) + this.#serverVersion)
        .digest("hex")
        .toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return { paths };
  }
}
