import type { DisposableStack } from "@berth/base";
import type { Store } from "../../core/store/store.ts";
import { freePorts } from "../support/free-ports.ts";
import { type BackendName, prepareBackend } from "./backend.ts";
import { Ledger } from "./ledger.ts";
import { acknowledged, load, namespace } from "./load.ts";
import { LoopDisk } from "./loop-disk.ts";
import { between, type Random } from "./random.ts";
import { Replay } from "./replay.ts";
import type { Arena, RoundResult } from "./round.ts";
import { CrashServer } from "./server.ts";

const lanes = 12;
const prefix = `/core/configmaps/${namespace}/`;

/** Rounds in which the disk under a server at work loses its power: what was acknowledged must be on it. */
export async function powerArena(
  backendName: BackendName,
  folder: string,
  stack: DisposableStack,
): Promise<Arena> {
  const disk = stack.use(new LoopDisk(folder));
  const backend = await prepareBackend(backendName, disk.path);
  const [port] = (await freePorts(1)) as [number];
  const server = new CrashServer({ folder, port, backend: backend.settings });
  stack.defer("etcd", () => backend.kill());
  await backend.start();
  stack.defer("API server", () => server.kill());
  await server.start();

  async function round(random: Random, label: string): Promise<RoundResult> {
    const { maps, dispose } = await server.connect();
    const ledger = new Ledger();
    const base = new Replay();
    await base.list(maps);
    const stop = new AbortController();
    const loading = load({ maps, ledger, random, label, lanes, stop: stop.signal });
    await acknowledged(ledger, between(random, 1, 600));
    const { acknowledged: count, highest } = ledger;
    const first = ledger.snapshot();
    disk.cut();
    const second = ledger.snapshot();
    stop.abort();
    await loading;
    dispose();

    const copy = await backend.openCopy(disk.mountCopy());
    try {
      const standing = await standingIn(copy.store);
      const gaps = await gapsIn(copy.store, base, standing);
      const newest = await copy.store.currentRevision();
      if (newest < highest) gaps.push(`revisions went back: ${highest} was told, the copy is at ${newest}`);
      const lost = Ledger.lost(first, second, standing);
      return { what: `power cut`, acknowledged: count, lost, gaps };
    } finally {
      await copy.close();
      disk.dropCopy();
    }
  }

  return { round };
}

async function standingIn(store: Store): Promise<Map<string, number>> {
  const { items } = await store.list(prefix);
  return new Map(items.map(({ key, modRevision }) => [key.slice(prefix.length), modRevision]));
}

/** What a watch from before the load tells must lead from what stood then to what stands now. */
async function gapsIn(store: Store, base: Replay, standing: ReadonlyMap<string, number>): Promise<string[]> {
  const gaps: string[] = [];
  const objects = new Map(base.objects);
  let reached = base.revision;
  await new Promise<void>((resolve, reject) => {
    const watch = store.watch(prefix, base.revision, {
      events(events) {
        for (const { type, key, revision, previous } of events) {
          const name = key.slice(prefix.length);
          if (revision <= reached) gaps.push(`${type} ${name} at ${revision} came after ${reached}`);
          if (objects.get(name) !== previous?.modRevision)
            gaps.push(
              `${type} ${name} at ${revision} says that ${previous?.modRevision} stood there, not ${objects.get(name)}`,
            );
          reached = revision;
          if (type === "put") objects.set(name, revision);
          else objects.delete(name);
        }
      },
      // Comes first when the history is told.
      progress() {
        void watch.dispose();
        resolve();
      },
      ended: reject,
    });
  });
  for (const name of new Set([...objects.keys(), ...standing.keys()])) {
    if (objects.get(name) !== standing.get(name)) gaps.push(`${name} is not what the watch told`);
  }
  return gaps;
}
