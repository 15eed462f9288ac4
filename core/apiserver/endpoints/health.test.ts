import { describe, expect, it } from "vitest";
import { type HealthCheck, healthReply } from "./health.ts";

const checks: HealthCheck[] = [
  { name: "ping", check: () => undefined },
  { name: "store", check: () => Promise.reject(new Error("cannot read /var/lib/store.db")) },
];

async function ask(
  path: string,
  query = "",
): Promise<{ status?: number; lines?: string[]; logged: string[] }> {
  const logged: string[] = [];
  const logger = { warn: (message: string) => void logged.push(message) };
  const reply = await healthReply(path, checks, new URLSearchParams(query), logger);
  return reply
    ? { status: reply.status, lines: reply.body.toString().trim().split("\n"), logged }
    : { logged };
}

describe("health", () => {
  it("says which check fails, and why only to the log", async () => {
    expect(await ask("/readyz")).toEqual({
      status: 500,
      lines: ["[+]ping ok", "[-]store failed: reason withheld", "readyz check failed"],
      logged: ["readyz check store failed: cannot read /var/lib/store.db"],
    });
  });

  it("is asked of one check by its name, or by the name it has elsewhere", async () => {
    expect(await ask("/livez/ping")).toEqual({ status: 200, lines: ["ok"], logged: [] });
    expect((await ask("/livez/store")).status).toBe(500);
    expect((await ask("/livez/etcd")).status).toBe(500);
    expect(await ask("/livez/other")).toEqual({ logged: [] });
    expect(await ask("/livez/ping/more")).toEqual({ logged: [] });
  });

  it("leaves out what is excluded, and says what could not be", async () => {
    expect(await ask("/readyz", "exclude=store")).toMatchObject({ status: 200, lines: ["ok"] });
    expect(await ask("/readyz", "exclude=etcd&exclude=moon&verbose")).toMatchObject({
      status: 200,
      lines: [
        "[+]ping ok",
        "[+]store excluded: ok",
        'warn: some health checks cannot be excluded: no matches for "moon"',
        "readyz check passed",
      ],
    });
  });
});
