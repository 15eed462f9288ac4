import { BerthError } from "@berth/base";
import { malformedObject, objectTooLarge } from "../errors/decode-error.ts";
import { defaultJsonLimits } from "../json/decode-json.ts";
import type { JsonObject } from "../json/json-value.ts";
import { decodeMessage } from "./decode-message.ts";
import { decodeEnvelope, isProtobuf } from "./envelope.ts";

/**
 * Reads a body in `application/vnd.kubernetes.protobuf` into the JSON form of its type, `apiVersion` and `kind` included.
 * Zero values are still in it: decodeObject drops those that JSON leaves out.
 * @throws BerthError BERTH_API_MALFORMED or BERTH_API_TOO_LARGE.
 */
export function decodeProtobuf(bytes: Uint8Array, maxBytes = defaultJsonLimits.maxBytes): JsonObject {
  if (bytes.length > maxBytes) {
    throw new BerthError(objectTooLarge, `the body has ${bytes.length} bytes; at most ${maxBytes} are taken`);
  }
  if (!isProtobuf(bytes)) {
    throw new BerthError(
      malformedObject,
      "the body is not valid protobuf: it does not begin with the prefix k8s\\0",
    );
  }
  return decodeEnvelope(bytes, (type, reader) => decodeMessage(type, reader));
}
