/**
 * One process of load on an API server, speaking HTTP/1.1 over TLS by hand: the client must cost less than the server.
 * Reads one job as JSON from its argument, prints one JSON line with what it measured.
 */
import { readFileSync } from "node:fs";
import type { TcpNetConnectOpts } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import type { LoadJob, LoadResult } from "./load-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as LoadJob;
const credentials = {
  ca: readFileSync(job.authority),
  cert: readFileSync(job.certificate),
  key: readFileSync(job.key),
};
const latencies: number[] = [];
/** Every connection reads into this one: what came is looked at before anything else is read. */
const arrived = Buffer.alloc(64 * 1024);
let failed = 0;
let stopped = false;

function request(client: number, number: number): string {
  if (job.kind === "get") return `GET ${job.path} HTTP/1.1\r\nHost: bench\r\n\r\n`;
  const body = JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `${job.prefix}-${client}-${number}` },
    data: { value: "x".repeat(job.valueBytes) },
  });
  const head = `POST ${job.path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** One connection, one request after the other. */
function client(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const options: ConnectionOptions & TcpNetConnectOpts = {
      host: job.host,
      port: job.port,
      ...credentials,
      ALPNProtocols: ["http/1.1"],
      onread: { buffer: arrived, callback: (size) => take(size) },
    };
    const socket = connect(options);
    socket.setNoDelay(true);
    let number = 0;
    let sentAt = 0;
    let head = "";
    let missing = -1;
    const next = (): void => {
      if (stopped || number === job.requestsPerClient) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request(index, number++));
    };
    socket.on("secureConnect", next);
    socket.on("error", reject);
    const take = (size: number): boolean => {
      let rest = size;
      if (missing < 0) {
        head += arrived.toString("latin1", 0, size);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return true;
        if (!head.startsWith("HTTP/1.1 2")) failed++;
        missing = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        rest = head.length - end - 4;
      }
      missing -= rest;
      if (missing > 0) return true;
      latencies.push(performance.now() - sentAt);
      head = "";
      missing = -1;
      next();
      return true;
    };
  });
}

const began = performance.now();
const timer = setTimeout(() => {
  stopped = true;
}, job.seconds * 1000);
await Promise.all(Array.from({ length: job.clients }, (_, index) => client(index)));
clearTimeout(timer);
const result: LoadResult = { seconds: (performance.now() - began) / 1000, latencies, failed };
process.stdout.write(`${JSON.stringify(result)}\n`);
