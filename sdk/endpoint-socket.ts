import { mkdir, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { BerthError } from "@berth/base";
import { isErrno } from "@berth/linux/linux-error.ts";
import { socketPath } from "@berth/verbs";

const taken = BerthError.define({
  code: "BERTH_SDK_SOCKET_TAKEN",
  grpc: "ALREADY_EXISTS",
  http: 409,
  owner: "operator",
  next: "End the process that serves there, or choose another --endpoint.",
});

/**
 * Makes a path free to bind: the folder exists (0700 when made here), and a socket that nobody answers on, as SIGKILL leaves
 * it, is gone. Throws BERTH_SDK_SOCKET_TAKEN when somebody answers or something else lies there.
 */
export async function prepareSocket(endpoint: string): Promise<string> {
  const path = socketPath(endpoint);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const found = await stat(path).catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  });
  if (!found) return path;
  if (!found.isSocket()) throw new BerthError(taken, `${path} exists and is not a socket`);
  if (await answers(path)) throw new BerthError(taken, `another process serves on ${path}`);
  await unlink(path);
  return path;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => {
      socket.destroy();
      if (isErrno(error, "ECONNREFUSED", "ENOENT")) resolve(false);
      else reject(error);
    });
  });
}
