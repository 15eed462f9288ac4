import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { inNetworkNamespace } from "@berth/linux";
import { libc } from "@berth/linux/libc.ts";
import { checked } from "@berth/linux/linux-error.ts";
import type { PortDialer } from "@berth/streaming";
import type { RuntimeParts } from "../runtime-parts.ts";
import type { SandboxRecord } from "../records.ts";

const afInet = 2;
const streamNonblockCloexec = 1 | 0o4000 | 0o2000000;
const dialTimeoutMs = 10_000;

/**
 * Connections to ports of a pod, as from inside it: to its loopback where its network is the kernel's, so that servers
 * that listen only there are reached; to its address where a sandbox keeps its network to itself.
 */
export function podDialer(parts: RuntimeParts, sandbox: SandboxRecord): PortDialer {
  const netns = parts.sandboxes.netns(sandbox);
  return {
    dial(port) {
      if (netns === "") return connected(connect({ host: "127.0.0.1", port }));
      if (!parts.driver.sharesLoopback)
        return connected(connect({ host: sandbox.ips[0] ?? "127.0.0.1", port }));
      const fd = inNetworkNamespace(netns, () =>
        checked(libc.socket(afInet, streamNonblockCloexec, 0), () => `open a socket in ${netns}`),
      );
      // The socket stays in the namespace it was made in, wherever it is connected from.
      return connected(new Socket({ fd }).connect({ host: "127.0.0.1", port }));
    },
  };
}

function connected(socket: Socket): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.once("error", fail);
    socket.setTimeout(dialTimeoutMs, () => fail(new Error(`no answer within ${dialTimeoutMs / 1000} s`)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}
