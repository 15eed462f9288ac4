import { connect } from "node:net";
import type { ProbeOutcome } from "./http-probe.ts";

/** A TCP connection that opens is a success. */
export interface TcpProber {
  connect(target: { host: string; port: number; signal: AbortSignal }): Promise<ProbeOutcome>;
}

export const tcpProber: TcpProber = {
  connect: ({ host, port, signal }) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, signal });
      socket.once("connect", () => {
        socket.destroy();
        resolve({ success: true, message: "" });
      });
      socket.once("error", (error) => {
        if (signal.aborted) reject(signal.reason as Error);
        else resolve({ success: false, message: `dial tcp ${host}:${port}: ${error.message}` });
      });
    }),
};
