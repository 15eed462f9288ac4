/** Channels of the remote command protocol; each WebSocket message begins with the byte of its channel. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Newest first: v5 can end a single channel, v4 cannot. */
export const remoteCommandProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export function frame(channelNumber: number, payload: Uint8Array | string): Buffer {
  return Buffer.concat([Buffer.from([channelNumber]), Buffer.from(payload)]);
}

export interface TerminalSize {
  columns: number;
  rows: number;
}

/** `{"Width":80,"Height":24}`; undefined for anything else. */
export function parseResize(payload: Uint8Array): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(Buffer.from(payload).toString("utf8")) as Record<string, unknown>;
    const fits = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536;
    return fits(Width) && fits(Height) ? { columns: Width, rows: Height } : undefined;
  } catch {
    return undefined;
  }
}

/** How a command ended, as the error channel tells it: a Kubernetes Status object. */
export function statusOf(end: { exitCode: number } | { message: string }): string {
  if ("message" in end) {
    return JSON.stringify({
      metadata: {},
      status: "Failure",
      message: end.message,
      reason: "InternalError",
      code: 500,
    });
  }
  if (end.exitCode === 0) return JSON.stringify({ metadata: {}, status: "Success" });
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: ${end.exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(end.exitCode) }] },
  });
}
