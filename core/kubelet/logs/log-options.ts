import { BerthError } from "@berth/base";
import { kubeletRequestError } from "../errors.ts";

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
  readonly stream: "stdout" | "stderr" | undefined;
}

/** The query of a request for logs, as `kubectl logs` sends it. Throws kubeletRequestError. */
export function readLogOptions(query: URLSearchParams, now: number): LogOptions {
  const seconds = count(query, "sinceSeconds");
  const time = query.get("sinceTime");
  const sinceTime = time ? Date.parse(time) : undefined;
  if (sinceTime !== undefined && Number.isNaN(sinceTime))
    throw invalid("sinceTime", time, "a time as RFC 3339 has it");
  const stream = query.get("stream")?.toLowerCase();
  return {
    follow: flag(query, "follow"),
    previous: flag(query, "previous"),
    timestamps: flag(query, "timestamps"),
    tailLines: count(query, "tailLines"),
    limitBytes: count(query, "limitBytes"),
    since: seconds === undefined ? sinceTime : now - seconds * 1000,
    stream: stream === "stdout" || stream === "stderr" ? stream : undefined,
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === "true" || value === "1" || value === "";
}

function count(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw invalid(name, value, "a whole number from 0");
  return number;
}

function invalid(name: string, value: string | null, wanted: string): BerthError {
  return new BerthError(kubeletRequestError, `${name}=${value} is not valid: it must be ${wanted}`);
}
