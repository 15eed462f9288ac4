import type { Clock } from "@berth/base";
import {
  groupKinds,
  groupVersion,
  type Kind,
  loadDescriptions,
  type OpenApiOptions,
  openApiV2,
  openApiV3,
  serverOpenApiV3,
  serverOperations,
} from "../../api/index.ts";
import { OpenApiV2Document } from "./openapi-v2-document.ts";
import { hashOf, taggedReply } from "../render/tagged-reply.ts";
import type { BytesReply, ServerRequest } from "../request/request.ts";

interface Document {
  readonly body: Buffer;
  /** Of a document of the index the one that is named there, so that its address names its content. */
  readonly hash: string;
}

const versionPath = /^\/openapi\/v3\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))$/;
const root = "/openapi/v3";
const yearMs = 365 * 24 * 3600 * 1000;

/** The schema of everything served, for kubectl's explain and validation. Documents are made when first asked for. */
export class OpenApiDocuments {
  readonly #serverVersion: string;
  readonly #clock: Pick<Clock, "now">;
  #kinds: readonly Kind[] = [];
  #documents = new Map<string, Promise<Document | undefined>>();
  #v2: Promise<OpenApiV2Document> | undefined;

  constructor(serverVersion: string, clock: Pick<Clock, "now">) {
    this.#serverVersion = serverVersion;
    this.#clock = clock;
  }

  /** @returns undefined when there is no such document */
  async reply(request: ServerRequest, kinds: readonly Kind[]): Promise<BytesReply | undefined> {
    if (this.#kinds !== kinds) {
      this.#kinds = kinds;
      this.#documents = new Map();
      this.#v2 = undefined;
    }
    const path = request.path.replace(/\/$/, "");
    if (path === "/openapi/v2") return (await (this.#v2 ??= this.#wholeV2())).reply(request);
    const document = await this.#document(path);
    if (!document) return undefined;
    const { body, hash } = document;
    const asked = request.query.get("hash");
    if (asked !== null && asked !== hash && path !== root) {
      const headers = { Location: `${path}?hash=${hash}` };
      return { kind: "bytes", status: 301, contentType: "text/plain; charset=utf-8", body: "", headers };
    }
    // What is at an address with the right hash will never be anything else.
    const expires = new Date(this.#clock.now() + yearMs).toUTCString();
    const headers: Record<string, string> =
      asked === hash ? { "Cache-Control": "public, immutable", Expires: expires } : {};
    return taggedReply(request, { body, hash, contentType: "application/json", headers });
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
    return { body, hash: this.#hashes().get(path) ?? hashOf(body) };
  }

  async #value(path: string): Promise<object | undefined> {
    if (path === root) return this.#index();
    const match = versionPath.exec(path);
    if (!match) return serverOpenApiV3(this.#kinds, path.slice(root.length), await this.#options());
    return openApiV3(this.#kinds, match[2] ?? "", match[3] ?? match[1] ?? "", await this.#options());
  }

  async #wholeV2(): Promise<OpenApiV2Document> {
    const kinds = this.#kinds;
    return new OpenApiV2Document(openApiV2(kinds, await this.#options()));
  }

  async #options(): Promise<OpenApiOptions> {
    return { descriptions: await loadDescriptions(), serverVersion: this.#serverVersion };
  }

  #index(): object {
    const paths = [...this.#hashes()].map(([path, hash]) => [
      path.slice(`${root}/`.length),
      { serverRelativeURL: `${path}?hash=${hash}` },
    ]);
    return { paths: Object.fromEntries(paths) as object };
  }

  /** By path. The rows decide what a document says: it need not be made to be named. */
  #hashes(): ReadonlyMap<string, string> {
    const versions = groupKinds(this.#kinds).flatMap(({ group, versions: all }) =>
      all.map(({ version, kinds }) => ({ at: groupVersion({ group, version }), group, kinds })),
    );
    const hashes = versions.map(({ at, group, kinds }): [string, string] => [
      `${root}/${group === "" ? "api" : "apis"}/${at}`,
      hashOf(JSON.stringify(kinds) + this.#serverVersion),
    ]);
    const ofServer = [...serverOperations(this.#kinds).keys()].map((path): [string, string] => [
      root + path,
      hashOf(path + this.#serverVersion),
    ]);
    return new Map([...ofServer, ...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
