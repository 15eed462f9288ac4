/**
 * An API server in a process of its own, on a clock that its parent moves. Prints its place as one line of JSON, and one
 * line for each command on stdin: `count` (what it holds), `advance MS`. Ends with its stdin.
 */
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { FakeClock, type Logger } from "@berth/base";
import { startTestApiServer } from "./api-server.ts";

const cutOff: string[] = [];
const logger: Logger = {
  debug() {},
  info: (message) => {
    if (message.includes("cut off")) cutOff.push(message);
  },
  warn() {},
  error: (message, fields) => void process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`),
  with: () => logger,
};
const clock = new FakeClock(Date.now());
const api = await startTestApiServer({
  clock,
  logger,
  settings: {
    limits: { reading: 40, writing: 8 },
    connections: { headersTimeoutMs: 1500, idleTimeoutMs: 500 },
  },
});
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({
  port: api.server.port,
  admin: api.kubeconfig,
  nobody: await api.bareKubeconfig(),
  alice: await api.kubeconfigFor("alice"),
  bob: await api.kubeconfigFor("bob"),
  node: await api.kubeconfigFor("system:node:n1", ["system:nodes"]),
});

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ms] = line.split(" ");
  if (command === "advance") {
    await clock.advance(Number(ms));
    say({});
    continue;
  }
  globalThis.gc?.();
  await pause(10);
  const { rss } = process.memoryUsage();
  say({
    megabytes: Math.round(rss / 1024 / 1024),
    timers: clock.pendingCount,
    descriptors: readdirSync("/proc/self/fd").length,
    sockets: process.getActiveResourcesInfo().filter((one) => one === "TCPSocketWrap").length,
    resources: process.getActiveResourcesInfo().filter((one) => !one.startsWith("FS")).length,
    cutOff: cutOff.length,
  });
}
await api.dispose();
process.exit();
