import type { Figures, Report } from "../suite.ts";
import { rounded } from "../suite.ts";
import { configMaps, crowd, fill, type Place } from "./load.ts";

const few = 1000;
const many = 100_000;
const sample = 3000;
/** What the first objects carry: the store's log reaches its full size with them, as it has in every server but a new one. */
const warmBytes = 40_000;
const warmPath = "/api/v1/namespaces/kube-system/configmaps";

interface Speed {
  readonly create: number;
  readonly get: number;
}

/** The first 1 000 objects, and creates that store nothing, so that neither the code nor the files are new. */
export async function warm(place: Place, report: Report): Promise<void> {
  report("1 000 objects, and rehearsals to warm up");
  await fill(place, few, { path: warmPath, prefix: "warm", valueBytes: warmBytes });
  await crowd(place, { kind: "create", path: `${configMaps}?dryRun=All`, prefix: "dry", seconds: 4 });
  await speed(place, "kube-node-lease", 1);
}

/** @param namespace one that nobody else fills: names must be new */
export async function speed(place: Place, namespace: string, count = sample): Promise<Speed> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const created = await fill(place, count, { path, prefix: `speed-${count}` });
  const got = await crowd(place, { kind: "get", path: "/api/v1/namespaces/kube-system", seconds: 3 });
  return { create: created.perSecond, get: got.perSecond };
}

/** How much slower it is among 100 000 objects. @param stand objects there already */
export async function growth(place: Place, before: Speed, stand: number, report: Report): Promise<Figures> {
  report(`filling up to ${many} objects`);
  await fill(place, many - stand, { prefix: "grow" });
  report(`${many} objects: create and get`);
  const after = await speed(place, "kube-system");
  const [create, get] = [before.create / after.create, before.get / after.get];
  return {
    "api.growth_create_ratio": rounded(create),
    "api.growth_get_ratio": rounded(get),
    "api.growth_ratio": rounded(Math.max(create, get)),
  };
}
