import { BerthError } from "@berth/base";

export const pkiFileUnreadable = BerthError.define({
  code: "BERTH_HTTP_PKI_FILE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Restore the named file from a backup, or remove it so that it is made anew (remove the whole pki folder for a new authority; every kubeconfig must then be written again).",
});

export const pkiNameUnknown = BerthError.define({
  code: "BERTH_HTTP_PKI_NAME",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Use one of the names that `berth certs check-expiration` lists.",
});

export const certificateExpired = BerthError.define({
  code: "BERTH_HTTP_CERTIFICATE_EXPIRED",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Check this machine's clock first; if it is right, move the pki folder away and start again for a new authority.",
});

export const clockWrong = BerthError.define({
  code: "BERTH_HTTP_CLOCK_WRONG",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Set this machine's clock (timedatectl, chronyc makestep), then start again.",
});

export const portUnavailable = BerthError.define({
  code: "BERTH_HTTP_PORT_UNAVAILABLE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Stop the program that holds the address (ss -ltnp names it), or choose another port.",
});

export const bodyTooLarge = BerthError.define({
  code: "BERTH_HTTP_BODY_TOO_LARGE",
  grpc: "RESOURCE_EXHAUSTED",
  http: 413,
  owner: "cluster user",
  next: "Send a smaller body, or split the object into several.",
});

export const bodyBroken = BerthError.define({
  code: "BERTH_HTTP_BODY_BROKEN",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Send the body again, complete and in the encoding its headers name.",
});

export const requestAborted = BerthError.define({
  code: "BERTH_HTTP_REQUEST_ABORTED",
  grpc: "CANCELLED",
  http: 499,
  owner: "berth",
  next: "Nothing: the caller went away.",
});

export const signingRequestBroken = BerthError.define({
  code: "BERTH_HTTP_SIGNING_REQUEST",
  grpc: "INVALID_ARGUMENT",
  http: 422,
  owner: "cluster user",
  next: "Make the request anew (openssl req -new -key KEY -subj /CN=NAME) and send its PEM text, base64-encoded, as spec.request.",
});
