import { once } from "node:events";
import { connect } from "node:net";
import { readPeerCredentials } from "@berth/linux";
import { socketPath } from "@berth/verbs";

/** Who listens on `unix:///…`; undefined for a process of another process namespace. Rejects when nobody does. */
export async function serverPid(endpoint: string): Promise<number | undefined> {
  const socket = connect(socketPath(endpoint));
  try {
    await once(socket, "connect");
    const pid = readPeerCredentials(socket)?.pid ?? 0;
    return pid > 0 ? pid : undefined;
  } finally {
    socket.destroy();
  }
}
