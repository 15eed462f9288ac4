import type { Socket } from "node:net";
import { checked } from "./linux-error.ts";
import { libc } from "./libc.ts";

/** Who was at the other end of a Unix socket when it connected; the kernel vouches for it. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const solSocket = 1;
const soPeerCred = 17;

/** Undefined when the socket is closed already. Fails with ENOPROTOOPT or zeros on a socket that is not Unix. */
export function readPeerCredentials(socket: Socket | number): PeerCredentials | undefined {
  const fd = typeof socket === "number" ? socket : descriptorOf(socket);
  if (fd === undefined) return undefined;
  const value = Buffer.alloc(12);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  checked(libc.getsockopt(fd, solSocket, soPeerCred, value, length), () => "read peer of a Unix socket");
  return { pid: value.readInt32LE(0), uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) };
}

/** Node has no public way to a socket's descriptor; this field has been there since its first versions. */
function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as unknown as { _handle?: { fd?: number } | null })._handle;
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}
