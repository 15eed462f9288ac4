import { BerthError } from "@berth/base";

/** The body is no JSON, or not of the form its type says; answered with 400 BadRequest. */
export const malformedObject = BerthError.define({
  code: "BERTH_API_MALFORMED",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Correct the field or the syntax the message names and send the object again.",
});

/** The body is larger or deeper than the server takes; answered with 413. */
export const objectTooLarge = BerthError.define({
  code: "BERTH_API_TOO_LARGE",
  grpc: "RESOURCE_EXHAUSTED",
  http: 413,
  owner: "cluster user",
  next: "Send a smaller object: split it, or keep bulk data outside the API.",
});

/** Unknown or duplicate fields under fieldValidation=Strict; answered with 400 BadRequest. */
export const strictDecoding = BerthError.define({
  code: "BERTH_API_STRICT_DECODING",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Remove or correct the fields the message names, or send with fieldValidation=Warn.",
});
