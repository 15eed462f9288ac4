import { describe, expect, it } from "vitest";
import { FakeClock, silentLogger, pause } from "@berth/base";
import type { Lease } from "../api/index.ts";
import { type ApiClient, ApiError } from "./contracts.ts";
import { LeaderElection } from "./leader-election.ts";

/** One lease on a server that can be cut off. Two with the same `stored` are two ways to one lease. */
class LeaseServer {
  readonly stored: { lease: Lease | undefined; revision: number };
  reachable = true;
  /** Takes every question and answers none. */
  silent = false;
  /** What is written is answered so much later. */
  answersAfterMs = 0;

  constructor(stored = { lease: undefined as Lease | undefined, revision: 0 }) {
    this.stored = stored;
  }

  get lease(): Lease | undefined {
    return this.stored.lease;
  }

  client(clock: FakeClock): ApiClient {
    const check = (): void => {
      if (!this.reachable) throw new Error("the server does not answer");
    };
    const store = (lease: Lease): Lease => {
      const metadata = { ...lease.metadata, resourceVersion: String(++this.stored.revision) };
      return (this.stored.lease = { ...lease, metadata });
    };
    const resource = {
      get: async () => {
        check();
        if (this.silent) await new Promise(() => {});
        if (!this.lease) throw new ApiError(404, "NotFound", "there is no lease");
        return this.lease;
      },
      create: async (lease: Lease) => {
        check();
        if (this.lease) throw new ApiError(409, "AlreadyExists", "there is one");
        return store(lease);
      },
      update: async (lease: Lease) => {
        check();
        if (lease.metadata?.resourceVersion !== this.lease?.metadata?.resourceVersion)
          throw new ApiError(409, "Conflict", "somebody was faster");
        const stored = store(lease);
        if (this.answersAfterMs > 0) await clock.sleep(this.answersAfterMs);
        return stored;
      },
    };
    return { user: "test", resource: () => resource } as unknown as ApiClient;
  }
}

function candidate(
  server: LeaseServer,
  clock: FakeClock,
  identity: string,
  leading: Set<string>,
  options: { renewMs?: number } = {},
): LeaderElection {
  return new LeaderElection({
    ...options,
    client: server.client(clock),
    clock,
    logger: silentLogger,
    namespace: "kube-system",
    name: "test",
    identity,
    lead: async (signal) => {
      leading.add(identity);
      await pause(clock, 24 * 3600_000, signal);
      leading.delete(identity);
    },
  });
}

describe("leader election", () => {
  it("has one leader, and another one after the first has stepped down", async () => {
    const [server, clock, leading] = [new LeaseServer(), new FakeClock(), new Set<string>()];
    const first = candidate(server, clock, "first", leading);
    const second = candidate(server, clock, "second", leading);
    first.start();
    await clock.advance(1);
    second.start();
    await clock.advance(60_000);
    expect([...leading]).toEqual(["first"]);
    await first.dispose();
    await clock.advance(5_000);
    expect([...leading]).toEqual(["second"]);
    expect(server.lease?.spec?.leaseTransitions).toBe(1);
    await second.dispose();
  });

  it("stops leading before the lease can be taken by others when it cannot renew", async () => {
    const [server, clock, leading] = [new LeaseServer(), new FakeClock(), new Set<string>()];
    const only = candidate(server, clock, "only", leading);
    only.start();
    await clock.advance(1);
    server.reachable = false;
    await clock.advance(14_900);
    expect(leading.size).toBe(0);
    await only.dispose();
  });

  it("has no two leaders at once, however late the first hears that it may go on", async () => {
    const [server, clock, leading] = [new LeaseServer(), new FakeClock(), new Set<string>()];
    candidate(server, clock, "first", leading).start();
    await clock.advance(1);
    server.answersAfterMs = 5_500;
    const impatient = { renewMs: 100 };
    candidate(new LeaseServer(server.stored), clock, "second", leading, impatient).start();
    const led = new Set<string>();
    for (let ms = 0; ms < 60_000; ms += 100) {
      // The answer to a renewal is on its way then, and is the last one.
      if (ms === 5_000) server.silent = true;
      await clock.advance(100);
      led.add([...leading].join(" and "));
    }
    expect([...led]).toEqual(["first", "", "second"]);
  });

  it("stops leading in time when the server does not even refuse", async () => {
    const [server, clock, leading] = [new LeaseServer(), new FakeClock(), new Set<string>()];
    candidate(server, clock, "only", leading).start();
    await clock.advance(4_001);
    expect([...leading]).toEqual(["only"]);
    server.silent = true;
    await clock.advance(14_900);
    expect(leading.size).toBe(0);
  });
});
