export type StreamName = "stdout" | "stderr";

/** Longest line before it is cut into partial ones; the size that Kubernetes' log readers expect. */
export const maxLineBytes = 16 * 1024;

const newline = 0x0a;

export interface FormattedBatch {
  /** Complete records of the CRI log format, ready to be appended. */
  text: Buffer;
  /** Bytes of the input that are in `text`; the rest is the begin of a line that has not ended yet. */
  consumed: number;
}

/**
 * Turns raw output into lines `TIME STREAM F|P TEXT`. A line that has not ended stays unconsumed, unless it is longer
 * than {@link maxLineBytes} or `atEnd`: nothing more will come.
 */
export function formatCriLog(
  bytes: Uint8Array,
  stream: StreamName,
  time: string,
  atEnd: boolean,
): FormattedBatch {
  const parts: Uint8Array[] = [];
  const full = Buffer.from(`${time} ${stream} F `);
  const partial = Buffer.from(`${time} ${stream} P `);
  const lineEnd = Buffer.from("\n");
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(newline, start);
    const length = (end < 0 ? bytes.length : end) - start;
    if (length > maxLineBytes) {
      parts.push(partial, bytes.subarray(start, start + maxLineBytes), lineEnd);
      start += maxLineBytes;
    } else if (end >= 0) {
      parts.push(full, bytes.subarray(start, end), lineEnd);
      start = end + 1;
    } else if (atEnd) {
      parts.push(full, bytes.subarray(start), lineEnd);
      start = bytes.length;
    } else break;
  }
  return { text: Buffer.concat(parts), consumed: start };
}

/** RFC 3339 with nanoseconds, UTC. `nanos` counts from the epoch. */
export function formatLogTime(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, "0")}Z`;
}
