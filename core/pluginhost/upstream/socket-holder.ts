import { readCommandLine } from "@berth/linux";
import { socketServer } from "../launch/socket-server.ts";

/** "process 12 (kubelet --config …)" for whoever serves on a Unix socket; undefined for nobody. */
export async function socketHolder(path: string): Promise<string | undefined> {
  const server = await socketServer(path);
  return server && processName(server.pid);
}

/** A process as an operator would look for it. */
export function processName(pid: number | undefined): string {
  if (pid === undefined) return "another process";
  const command = readCommandLine(pid)?.join(" ");
  return `process ${pid} (${command ?? "its command is not known"})`;
}
