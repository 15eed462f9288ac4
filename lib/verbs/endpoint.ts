import { BerthError } from "@berth/base";

/** sockaddr_un.sun_path holds 108 bytes with the closing zero; Node cuts a longer path silently and binds the rest. */
export const longestSocketPath = 107;

const badEndpoint = BerthError.define({
  code: "BERTH_VERBS_ENDPOINT",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Give an absolute path of at most 107 bytes as unix:///run/….sock; a shorter run directory helps.",
});

/** The file path of `unix:///a/b.sock` or `/a/b.sock`. Throws BERTH_VERBS_ENDPOINT for anything else or too long. */
export function socketPath(endpoint: string): string {
  const path = endpoint.startsWith("unix://") ? endpoint.slice("unix://".length) : endpoint;
  if (!path.startsWith("/")) {
    throw new BerthError(
      badEndpoint,
      `endpoint ${JSON.stringify(endpoint)} is not an absolute Unix socket path`,
    );
  }
  const length = new TextEncoder().encode(path).length;
  if (length > longestSocketPath) {
    throw new BerthError(
      badEndpoint,
      `socket path ${path} has ${length} bytes, ${length - longestSocketPath} too many`,
    );
  }
  return path;
}
