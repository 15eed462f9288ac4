/** RFC 3339 with microseconds, as audit events have it. */
export function auditTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
