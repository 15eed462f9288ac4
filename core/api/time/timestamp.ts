const rfc3339 = /^\d{4}-(?:0[1-9]|1[0-2])-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const canonicalSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** RFC 3339 in UTC to the second: `2026-01-02T15:04:05Z`. */
export function formatTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  if (Number.isNaN(at.getTime())) throw new RangeError(`${milliseconds} ms since 1970 is no time`);
  // By hand: toISOString takes three times as long, and every new object is told a time.
  const year = String(at.getUTCFullYear()).padStart(4, "0");
  const day = `${year}-${digits(at.getUTCMonth() + 1)}-${digits(at.getUTCDate())}`;
  return `${day}T${digits(at.getUTCHours())}:${digits(at.getUTCMinutes())}:${digits(at.getUTCSeconds())}Z`;
}

const digits = (number: number): string => (number < 10 ? `0${number}` : String(number));

/** RFC 3339 in UTC to the microsecond, as Leases and Events carry it. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}

/** Milliseconds since 1970 of an RFC 3339 time, or undefined when the text is none. */
export function parseTime(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** The time in UTC to the second, fractions cut off; undefined when the text is no time. */
export function canonicalTime(text: string): string | undefined {
  const milliseconds = parseTime(text);
  if (milliseconds === undefined) return undefined;
  return canonicalSeconds.test(text) ? text : formatTime(milliseconds);
}

/** The time in UTC with six digits of fraction; undefined when the text is no time. */
export function canonicalMicroTime(text: string): string | undefined {
  const milliseconds = parseTime(text);
  if (milliseconds === undefined) return undefined;
  const fraction = (rfc3339.exec(text)?.[1] ?? ".").slice(1, 7).padEnd(6, "0");
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Age as kubectl shows it: `8s`, `3m20s`, `2d4h`, `1y32d`; `<unknown>` when there is no time. */
export function formatAge(since: string | undefined, now: number): string {
  const start = since === undefined ? undefined : parseTime(since);
  return start === undefined ? "<unknown>" : formatSpan(Math.floor((now - start) / 1000));
}

/** A span of whole seconds in at most two units. */
export function formatSpan(seconds: number): string {
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return two(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? two(years, "y", days % 365, "d") : `${years}y`;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
