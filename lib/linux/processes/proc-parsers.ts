/** The fields of /proc/PID/stat that Berth uses. */
export interface ProcessStat {
  readonly pid: number;
  /** First 15 bytes of the executable's name. */
  readonly name: string;
  /** R, S, D, Z, T, X… */
  readonly state: string;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly session: number;
  /** Clock ticks after boot, as text: it identifies a process together with its pid. */
  readonly startTicks: string;
}

/** The name stands in brackets and may itself hold brackets and spaces, so the last bracket counts. */
export function parseStat(text: string): ProcessStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const rest = text
    .slice(close + 2)
    .trim()
    .split(" ");
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state: rest[0] ?? "",
    parentPid: Number(rest[1]),
    processGroup: Number(rest[2]),
    session: Number(rest[3]),
    startTicks: rest[19] ?? "",
  };
}

/** `Key:\tvalue` lines of /proc/PID/status, /proc/meminfo and their like. */
export function parseKeyed(text: string): Map<string, string> {
  const pairs = text.split("\n").flatMap((line): [string, string][] => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  return new Map(pairs);
}

/** Path by controller from /proc/PID/cgroup; the unified (v2) hierarchy has the empty name. */
export function parseProcCgroup(text: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (!match) continue;
    for (const controller of (match[1] ?? "").split(",")) paths.set(controller, match[2] ?? "");
  }
  return paths;
}

/** NUL-separated text of /proc/PID/environ as names and values. */
export function parseEnviron(text: string): Map<string, string> {
  return new Map(
    text.split("\0").flatMap((entry): [string, string][] => {
      const equals = entry.indexOf("=");
      return equals < 0 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)]];
    }),
  );
}
