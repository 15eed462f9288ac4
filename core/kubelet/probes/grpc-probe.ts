import { connect, constants } from "node:http2";
import type { ProbeOutcome } from "./http-probe.ts";

/** Asks the standard health service of a gRPC server (grpc.health.v1.Health/Check). */
export interface GrpcProber {
  check(target: { host: string; port: number; service: string; signal: AbortSignal }): Promise<ProbeOutcome>;
}

const serving = 1;
const frameHeader = 5;

/** One plain HTTP/2 exchange: the two messages have one field each, so that no gRPC library is needed here. */
export const grpcProber: GrpcProber = {
  check: ({ host, port, service, signal }) =>
    new Promise((resolve, reject) => {
      const authority = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
      const session = connect(authority);
      const finish = (outcome: ProbeOutcome): void => {
        signal.removeEventListener("abort", onAbort);
        session.destroy();
        resolve(outcome);
      };
      const onAbort = (): void => {
        session.destroy();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      session.on("error", (error) =>
        finish({ success: false, message: `gRPC to ${host}:${port}: ${error.message}` }),
      );
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: "POST",
        [constants.HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
        [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
        [constants.HTTP2_HEADER_TE]: "trailers",
      });
      const chunks: Buffer[] = [];
      let grpcStatus: string | undefined;
      const readStatus = (headers: Record<string, unknown>): void => {
        const status = headers["grpc-status"];
        if (typeof status === "string") grpcStatus = status;
      };
      stream.on("response", readStatus);
      stream.on("trailers", readStatus);
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", (error) =>
        finish({ success: false, message: `gRPC to ${host}:${port}: ${error.message}` }),
      );
      stream.on("end", () => finish(judgeAnswer(Buffer.concat(chunks), grpcStatus)));
      stream.end(encodeRequest(service));
    }),
};

/** HealthCheckRequest: field 1, the service's name. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length > 127) throw new RangeError(`grpc.service "${service}" is longer than 127 bytes`);
  const message =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const header = Buffer.alloc(frameHeader);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** HealthCheckResponse: field 1, the serving status; an absent field reads as 0. */
export function judgeAnswer(frame: Buffer, grpcStatus: string | undefined): ProbeOutcome {
  if (grpcStatus !== undefined && grpcStatus !== "0") {
    return { success: false, message: `the health service answered with gRPC status ${grpcStatus}` };
  }
  const message = frame.subarray(frameHeader);
  const status = message[0] === 0x08 ? (message[1] ?? 0) : 0;
  return { success: status === serving, message: `the health service reports serving status ${status}` };
}
