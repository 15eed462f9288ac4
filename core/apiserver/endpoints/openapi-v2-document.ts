import { decodeJson, type JsonObject, noJsonLimits } from "../../api/index.ts";
import { hashOf, taggedReply } from "../render/tagged-reply.ts";
import type { BytesReply, ServerRequest } from "../request/request.ts";
import { openApiV2Protobuf, openApiV2ProtobufType, wantsOpenApiV2Protobuf } from "./openapi-v2-protobuf.ts";

interface Written {
  readonly body: Buffer;
  readonly contentType: string;
  readonly hash: string;
}

/** An OpenAPI 2.0 document in the forms that it is asked for in; the second is made when it is first wanted. */
export class OpenApiV2Document {
  readonly #json: Written;
  #protobuf: Written | undefined;

  constructor(value: object) {
    this.#json = written(Buffer.from(JSON.stringify(value)), "application/json");
  }

  reply(request: Pick<ServerRequest, "headers">): BytesReply {
    if (!wantsOpenApiV2Protobuf(request.headers["accept"])) return taggedReply(request, this.#json);
    return taggedReply(request, (this.#protobuf ??= this.#asProtobuf()));
  }

  /** Read again for it: what it was made of is several times as large as what is kept. */
  #asProtobuf(): Written {
    const value = decodeJson(this.#json.body, noJsonLimits).value as JsonObject;
    return written(openApiV2Protobuf(value), openApiV2ProtobufType);
  }
}

function written(body: Buffer, contentType: string): Written {
  return { body, contentType, hash: hashOf(body) };
}
