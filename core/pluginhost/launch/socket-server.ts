import { connect } from "node:net";
import { readPeerCredentials } from "@berth/linux";

/** Who answers on a Unix socket, as the kernel vouches: the process that called listen(2). */
export interface SocketServer {
  /** Undefined where it lives in process numbers that this process cannot see. */
  readonly pid: number | undefined;
}

/** Undefined when nobody accepts connections there. */
export function socketServer(path: string): Promise<SocketServer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(undefined));
    socket.once("connect", () => {
      const pid = readPeerCredentials(socket)?.pid;
      socket.destroy();
      resolve({ pid });
    });
  });
}
