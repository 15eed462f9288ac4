import type { JsonObject } from "../../api/index.ts";
import { BackwardWriter } from "./backward-writer.ts";
import { writeDocument } from "./openapi-v2-messages.ts";

/** What client-go asks for, and nothing else. */
const accepted = "application/com.github.proto-openapi.spec.v2";

/** The `@` of what is asked for is none of a media type's characters; the answer writes a dot. */
export const openApiV2ProtobufType = `${accepted}.v1.0+protobuf`;

export const wantsOpenApiV2Protobuf = (accept: string | undefined): boolean =>
  accept?.includes(accepted) ?? false;

/** An OpenAPI 2.0 document as gnostic's `openapi.v2.Document`, with all that it says. */
export function openApiV2Protobuf(document: JsonObject): Buffer {
  const writer = new BackwardWriter(4 * 1024 * 1024);
  writeDocument(writer, document);
  return writer.done();
}
