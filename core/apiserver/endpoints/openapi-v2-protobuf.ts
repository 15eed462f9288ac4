/** What kubectl accepts for /openapi/v2, and nothing else. */
const accepted = "application/com.github.proto-openapi.spec.v2";

/** The `@` of what is asked for is none of a media type's characters; the answer writes a dot. */
export const openApiV2ProtobufType = `${accepted}.v1.0+protobuf`;

export const wantsOpenApiV2Protobuf = (accept: string | undefined): boolean =>
  accept?.includes(accepted) ?? false;

/**
 * The head of an `openapi.v2.Document` (gnostic's OpenAPIv2.proto: swagger 1, info 2; Info: title 1, version 2). It has
 * no definitions: kubectl reads it only for a `kind: List`, leaves alone what it finds no definition of, and the server
 * then checks every field itself, as it does for single objects.
 */
export function openApiV2Protobuf(title: string, version: string): Buffer {
  const info = Buffer.concat([field(1, Buffer.from(title)), field(2, Buffer.from(version))]);
  return Buffer.concat([field(1, Buffer.from("2.0")), field(2, info)]);
}

/** One length-delimited field. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
