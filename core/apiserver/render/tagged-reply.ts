import { createHash } from "node:crypto";
import type { BytesReply, ServerRequest } from "../request/request.ts";

export function hashOf(body: string | Buffer): string {
  return createHash("sha256").update(body).digest("hex").toUpperCase();
}

/** A document that clients keep: 304 to who has this very one already. */
export function taggedReply(
  { headers }: Pick<ServerRequest, "headers">,
  document: Pick<BytesReply, "body" | "contentType" | "headers"> & { readonly hash?: string },
): BytesReply {
  const { body, contentType, hash = hashOf(body) } = document;
  const tag = `"${hash}"`;
  const isKnown = (headers["if-none-match"] ?? "")
    .split(",")
    .some((one) => one.trim().replace(/^W\//, "") === tag || one.trim() === "*");
  return {
    kind: "bytes",
    status: isKnown ? 304 : 200,
    contentType,
    body: isKnown ? "" : body,
    headers: { ETag: tag, Vary: "Accept", ...document.headers },
  };
}
