import { connect } from "node:net";
import { readCommandLine, readPeerCredentials } from "@berth/linux";

/** "process 12 (kubelet --config …)" for whoever serves on a Unix socket, as the kernel vouches; undefined for nobody. */
export function socketHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(undefined));
    socket.once("connect", () => {
      const pid = readPeerCredentials(socket)?.pid;
      socket.destroy();
      resolve(processName(pid));
    });
  });
}

/** A process as an operator would look for it. */
export function processName(pid: number | undefined): string {
  if (pid === undefined) return "another process";
  const command = readCommandLine(pid)?.join(" ");
  return `process ${pid} (${command ?? "its command is not known"})`;
}
