import type { BytesReply } from "../request/request.ts";

/** One named check: undefined when all is well, else one sentence. */
export interface HealthCheck {
  readonly name: string;
  check(): string | undefined | Promise<string | undefined>;
}

/**
 * Answers /healthz, /livez, /readyz and one check of each below them.
 * @returns undefined when there is no check of that name
 */
export async function healthReply(
  path: string,
  checks: readonly HealthCheck[],
  query: URLSearchParams,
): Promise<BytesReply | undefined> {
  const [, endpoint = "", name] = path.split("/");
  const excluded = new Set(query.getAll("exclude"));
  const chosen = checks.filter((one) => (name ? one.name === name : !excluded.has(one.name)));
  if (name && chosen.length === 0) return undefined;
  const results = await Promise.all(
    chosen.map(async (one) => ({ name: one.name, problem: await outcome(one) })),
  );
  const failed = results.some((one) => one.problem !== undefined);
  const verbose = failed || query.has("verbose");
  const lines = results.map((one) =>
    one.problem === undefined ? `[+]${one.name} ok` : `[-]${one.name} failed: ${one.problem}`,
  );
  lines.push(`${endpoint} check ${failed ? "failed" : "passed"}`);
  return {
    kind: "bytes",
    status: failed ? 500 : 200,
    contentType: "text/plain; charset=utf-8",
    body: verbose ? `${lines.join("\n")}\n` : "ok",
  };
}

async function outcome(one: HealthCheck): Promise<string | undefined> {
  try {
    return await one.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
