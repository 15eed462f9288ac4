import { setTimeout as sleep } from "node:timers/promises";
import type { DisposableStack } from "@berth/base";
import type { ConfigMap } from "../../core/api/index.ts";
import type { ResourceClient } from "../../core/client/index.ts";
import { freePorts } from "../support/free-ports.ts";
import { type BackendName, prepareBackend } from "./backend.ts";
import { Ledger } from "./ledger.ts";
import { acknowledged, load, namespace, revisionOf } from "./load.ts";
import { between, oneOf, type Random } from "./random.ts";
import { Replay } from "./replay.ts";
import type { Arena, RoundResult } from "./round.ts";
import { CrashServer } from "./server.ts";

const lanes = 12;
const victims = { sqlite: ["server"], etcd: ["server", "etcd", "server and etcd"] } as const;

/** Rounds of kill -9 at a random moment under load, seen from outside, through the API. */
export async function killArena(
  backendName: BackendName,
  folder: string,
  stack: DisposableStack,
): Promise<Arena> {
  const backend = await prepareBackend(backendName, folder);
  const [port] = (await freePorts(1)) as [number];
  const server = new CrashServer({ folder, port, backend: backend.settings });
  stack.defer("etcd", () => backend.kill());
  await backend.start();
  stack.defer("API server", () => server.kill());
  await server.start();

  async function round(random: Random, label: string): Promise<RoundResult> {
    const victim = oneOf<string>(random, victims[backendName]);
    const ledger = new Ledger();
    const replay = new Replay();
    const before = await server.connect();
    await replay.list(before.maps);
    const over = new AbortController();
    const following = replay.follow(before.maps, over.signal).catch(() => {});
    const loading = load({ maps: before.maps, ledger, random, label, lanes, stop: over.signal });
    await acknowledged(ledger, between(random, 1, 600));
    if (victim.includes("server")) await server.kill();
    if (victim.includes("etcd")) await backend.kill();
    await loading;
    if (victim.includes("etcd")) await backend.start();
    if (victim.includes("server")) await server.start();
    over.abort();
    await following;
    before.dispose();

    const after = await server.connect();
    try {
      return {
        what: `kill -9 of ${victim}`,
        ...(await judge(after.maps, ledger, replay, label)),
      };
    } finally {
      await after.maps.deleteCollection({ namespace });
      after.dispose();
    }
  }

  return { round };
}

async function judge(
  maps: ResourceClient<ConfigMap>,
  ledger: Ledger,
  replay: Replay,
  label: string,
): Promise<Omit<RoundResult, "what">> {
  const told = Math.max(ledger.highest, replay.revision);
  const fence = await untilServed(() =>
    maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: `${label}-fence` } }, { namespace }),
  );
  await replay.follow(maps, AbortSignal.timeout(60_000), fence.metadata.name);
  const { items } = await maps.list({ namespace });
  const standing = new Map(items.map((item) => [item.metadata.name ?? "", revisionOf(item)]));
  const now = ledger.snapshot();
  const gaps = [...replay.faults, ...replay.differences(standing)];
  if (revisionOf(fence) <= told)
    gaps.push(`revisions went back: ${told} was told, then ${revisionOf(fence)}`);
  return { acknowledged: ledger.acknowledged, lost: Ledger.lost(now, now, standing), gaps };
}

/** A server whose etcd has just come back may say for a moment that it cannot serve. */
async function untilServed<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end || (error as { code?: number }).code === 409) throw error;
    }
  }
}
