import { constants, createGunzip } from "node:zlib";
import type { Readable } from "node:stream";
import { BerthError } from "@berth/base";
import { bodyBroken, bodyTooLarge, requestAborted } from "./errors.ts";
import type { HttpRequest } from "./secure-server.ts";

/**
 * The whole body, at most `limit` bytes after decompression; gzip is undone.
 * @throws bodyTooLarge, bodyBroken (unknown encoding, broken gzip), requestAborted
 */
export async function readBody(request: HttpRequest, limit: number): Promise<Buffer> {
  if (isWithoutBody(request)) return Buffer.alloc(0);
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity" && encoding !== "gzip") {
    throw new BerthError(bodyBroken, `content encoding ${JSON.stringify(encoding)} is not gzip`);
  }
  const announced = Number(request.headers["content-length"]);
  if (announced > limit) throw tooLarge(limit);
  if (encoding !== "gzip") {
    // A small body comes in one piece with its head, and is there before anybody asks for it, although its end may not be: Node
    // lets others run between the two.
    const isThere = request.httpVersionMajor < 2 && request.readableLength === announced && announced > 0;
    return isThere ? (request.read() as Buffer) : await collect(request, request, limit);
  }
  const unzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  request.on("error", (error) => unzip.destroy(error));
  request.on("aborted", () => unzip.destroy());
  request.pipe(unzip);
  return await collect(request, unzip, limit);
}

/** Of such requests the stream has ended before anybody sees it and says nothing more: see SecureServer. */
function isWithoutBody({ httpVersionMajor, headers }: HttpRequest): boolean {
  return httpVersionMajor < 2 && !("content-length" in headers) && !("transfer-encoding" in headers);
}

function collect(request: HttpRequest, source: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    source.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.unpipe();
        source.removeAllListeners("data");
        request.resume();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    let complete = false;
    source.on("end", () => {
      complete = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    source.on("error", (cause) =>
      reject(new BerthError(bodyBroken, "the request body could not be read", { cause })),
    );
    source.on("close", () => {
      if (!complete) reject(new BerthError(requestAborted, "the caller went away mid-request"));
    });
  });
}

function tooLarge(limit: number): BerthError {
  return new BerthError(bodyTooLarge, `the request body is larger than the limit of ${limit} bytes`);
}
