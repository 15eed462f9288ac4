import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { extract } from "tar-stream";

export interface TinyRegistry extends AsyncDisposable {
  /** 127.0.0.1:PORT */
  readonly host: string;
  readonly blobsServed: string[];
  /** Forms that were posted for a token. */
  readonly exchanges: Record<string, string>[];
  /** What the next blobs are sent as; for tests of altered content. */
  corrupt: boolean;
}

const token = "let-me-in";

/**
 * The distribution API for one repository, out of an OCI archive, behind a bearer token that is given to one login.
 */
export async function startTinyRegistry(options: {
  archive: string;
  repository: string;
  tag: string;
  login: { username: string; password: string };
  /** Exchanged for the same bearer token; for the tests of OAuth 2. */
  identityToken?: string;
}): Promise<TinyRegistry> {
  const files = await readArchive(options.archive);
  const index = JSON.parse(String(files.get("index.json"))) as {
    manifests: { digest: string; mediaType: string }[];
  };
  const [target] = index.manifests;
  const state = { blobsServed: [] as string[], exchanges: [] as Record<string, string>[], corrupt: false };
  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    state.exchanges.push(form);
    const known = form["grant_type"] === "refresh_token" && form["refresh_token"] === options.identityToken;
    response.writeHead(known ? 200 : 401).end(JSON.stringify({ access_token: token }));
  };
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url!, "http://x");
    if (url.pathname === "/token" && request.method === "POST") {
      void exchange(request, response);
      return;
    }
    if (url.pathname === "/token") {
      const given = Buffer.from(
        (request.headers.authorization ?? "").replace("Basic ", ""),
        "base64",
      ).toString();
      const known = given === `${options.login.username}:${options.login.password}`;
      response.writeHead(known ? 200 : 401).end(JSON.stringify({ token }));
      return;
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      const realm = `http://${request.headers.host}/token`;
      response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="tiny"` }).end();
      return;
    }
    const [, kind, name] =
      new RegExp(`^/v2/${options.repository}/(manifests|blobs)/(.+)$`).exec(url.pathname) ?? [];
    const digest = name === options.tag ? target!.digest : name;
    const bytes = files.get(`blobs/sha256/${digest?.slice("sha256:".length)}`);
    if (!kind || !bytes) {
      response.writeHead(404).end();
      return;
    }
    if (kind === "blobs") state.blobsServed.push(digest!);
    const type = kind === "manifests" ? target!.mediaType : "application/octet-stream";
    response.writeHead(200, { "content-type": type });
    response.end(
      state.corrupt && kind === "blobs" ? Buffer.concat([bytes.subarray(1), Buffer.from("!")]) : bytes,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function readArchive(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const entry of createReadStream(path).pipe(extract())) {
    const parts: Buffer[] = [];
    for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
    files.set(entry.header.name, Buffer.concat(parts));
  }
  return files;
}
