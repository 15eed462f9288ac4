import { CelRuntimeError } from "../cel-error.ts";
import { member, type Overload } from "../declarations.ts";
import type { Duration, Timestamp } from "../values.ts";

/** Parts of a moment, in UTC or in a zone: `t.getHours("Europe/Berlin")`, `t.getHours("+02:00")`. */
export function timeLibrary(): Overload[] {
  const parts: Readonly<Record<string, (date: Date) => number>> = {
    getFullYear: (date) => date.getUTCFullYear(),
    getMonth: (date) => date.getUTCMonth(),
    getDate: (date) => date.getUTCDate(),
    getDayOfMonth: (date) => date.getUTCDate() - 1,
    getDayOfWeek: (date) => date.getUTCDay(),
    getDayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / 86_400_000),
    getHours: (date) => date.getUTCHours(),
    getMinutes: (date) => date.getUTCMinutes(),
    getSeconds: (date) => date.getUTCSeconds(),
    getMilliseconds: (date) => date.getUTCMilliseconds(),
  };
  const units: Readonly<Record<string, bigint>> = {
    getHours: 3_600_000_000_000n,
    getMinutes: 60_000_000_000n,
    getSeconds: 1_000_000_000n,
  };
  return [
    ...Object.entries(parts).flatMap(([name, part]) => [
      member(`timestamp.${name}(): int`, (time: Timestamp) => BigInt(part(dateOf(time)))),
      member(`timestamp.${name}(string): int`, (time: Timestamp, zone: string) =>
        BigInt(part(shifted(dateOf(time), zone))),
      ),
    ]),
    ...Object.entries(units).map(([name, unit]) =>
      member(`duration.${name}(): int`, ({ nanos }: Duration) => nanos / unit),
    ),
    member("duration.getMilliseconds(): int", ({ nanos }: Duration) => (nanos % 1_000_000_000n) / 1_000_000n),
  ];
}

function dateOf({ nanos }: Timestamp): Date {
  return new Date(Number(nanos / 1_000_000n - (nanos % 1_000_000n < 0n ? 1n : 0n)));
}

/** A date whose UTC parts are the wall clock of the zone. */
function shifted(date: Date, zone: string): Date {
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(date.getTime() + (offset[1] === "-" ? -1 : 1) * minutes * 60_000);
  }
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone || "UTC",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    const of = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(of["year"]!, of["month"]! - 1, of["day"], of["hour"], of["minute"], of["second"]);
    return new Date(wall + date.getUTCMilliseconds());
  } catch {
    throw new CelRuntimeError(`unknown time zone ${zone}`);
  }
}
