import { errorMessage, type Logger } from "@berth/base";
import type { BytesReply } from "../request/request.ts";

/** One named check: undefined when all is well, else one sentence. */
export interface HealthCheck {
  readonly name: string;
  check(): string | undefined | Promise<string | undefined>;
}

/** What clusters elsewhere call the check of the store. */
const otherNames: Readonly<Record<string, string>> = { etcd: "store" };
const nameOf = (asked: string): string => otherNames[asked] ?? asked;

/**
 * Answers /healthz, /livez, /readyz and one check of each below them, to anybody: why one fails is for the log.
 * @returns undefined when there is no check of that name
 */
export async function healthReply(
  path: string,
  checks: readonly HealthCheck[],
  query: URLSearchParams,
  logger: Pick<Logger, "warn">,
): Promise<BytesReply | undefined> {
  const [, endpoint = "", name = "", ...more] = path.split("/");
  const excluded = new Map(query.getAll("exclude").map((asked) => [nameOf(asked), asked]));
  const chosen = name === "" ? checks : checks.filter((one) => one.name === nameOf(name));
  if (path.endsWith("/") || chosen.length === 0 || more.length > 0) return undefined;
  const lines = await Promise.all(
    chosen.map(async (one) => {
      if (excluded.delete(one.name)) return `[+]${one.name} excluded: ok`;
      const problem = await outcome(one);
      if (problem === undefined) return `[+]${one.name} ok`;
      logger.warn(`${endpoint} check ${one.name} failed: ${problem}`);
      return `[-]${one.name} failed: reason withheld`;
    }),
  );
  const failed = lines.some((line) => line.startsWith("[-]"));
  if (excluded.size > 0) {
    const unknown = [...excluded.values()].map((one) => JSON.stringify(one)).join(",");
    lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown}`);
  }
  lines.push(`${endpoint} check ${failed ? "failed" : "passed"}`);
  return {
    kind: "bytes",
    status: failed ? 500 : 200,
    contentType: "text/plain; charset=utf-8",
    body: failed || (name === "" && query.has("verbose")) ? `${lines.join("\n")}\n` : "ok",
    headers: { "X-Content-Type-Options": "nosniff" },
  };
}

/** What is wrong with it; undefined when nothing is. */
export async function outcome(one: HealthCheck): Promise<string | undefined> {
  try {
    return await one.check();
  } catch (error) {
    return errorMessage(error);
  }
}
