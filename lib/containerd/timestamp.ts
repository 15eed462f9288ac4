/** Nanoseconds since the epoch of a google.protobuf.Timestamp; 0n when absent. */
export function timestampToNanos(stamp: { seconds: unknown; nanos: number } | null | undefined): bigint {
  if (!stamp) return 0n;
  const seconds = BigInt(stamp.seconds as string | number);
  // Go's zero time is far before the epoch: it means "not yet".
  return seconds <= 0n ? 0n : seconds * 1_000_000_000n + BigInt(stamp.nanos);
}
