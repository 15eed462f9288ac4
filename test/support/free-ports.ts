import { createServer, type Server } from "node:net";

/**
 * Below the kernel's range for outgoing connections and below that of node ports: what is free stays free until whoever
 * was given it listens.
 */
const first = 10_000;
const range = 19_000;
let next = (process.pid * 97) % range;

/** Ports that nobody listens on now, all different, and different from those that other test processes are given. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried > range) throw new Error(`no ${count} ports are free from ${first} to ${first + range - 1}`);
    const port = first + next;
    next = (next + 1) % range;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(port, () => resolve(server));
  });
}
