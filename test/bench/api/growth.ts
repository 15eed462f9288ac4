import { type Figures, median, type Report, rounded } from "../suite.ts";
import { withServer } from "./bench-place.ts";
import { clients, configMaps, fill, load, oneObject, type Place, removeAll } from "./load.ts";

const few = 1000;
const many = 100_000;
const rounds = 7;
/** What the first objects carry: the store's log reaches its full size with them, as it has in every server but a new one. */
const warmBytes = 40_000;
const warmPath = "/api/v1/namespaces/kube-system/configmaps";
const samplePath = "/api/v1/namespaces/kube-node-lease/configmaps";

interface Speed {
  readonly create: number;
  readonly get: number;
}

/** The first 1 000 objects, and creates that store nothing, so that neither the code nor the files are new. */
export async function warm(place: Place, report: Report): Promise<void> {
  report("1 000 objects, and rehearsals to warm up");
  await fill(place, few, { path: warmPath, valueBytes: warmBytes });
  await load(place, { method: "POST", path: `${configMaps}?dryRun=All`, clients, seconds: 4 });
  await speed(place);
}

/** Leaves as many objects as there were. */
async function speed(place: Place): Promise<Speed> {
  const created = await load(place, { method: "POST", path: samplePath, clients, seconds: 1 });
  const got = await load(place, { method: "GET", path: oneObject, clients, seconds: 1 });
  await removeAll(place, samplePath);
  return { create: created.perSecond, get: got.perSecond };
}

/**
 * How much slower it is among 100 000 objects than among 1 000: the median of rounds in which a server with many and one with few
 * take turns, so that what else becomes of the machine in these minutes falls on both.
 */
export async function growth(place: Place, report: Report): Promise<Figures> {
  report(`filling up to ${many} objects`);
  await fill(place, many);
  return await withServer(async (small) => {
    await warm(small, report);
    const slower: Speed[] = [];
    for (let round = 1; round <= rounds; round++) {
      report(`create and get among ${few} and among ${many} objects, round ${round} of ${rounds}`);
      slower.push(await compared(small, place, round % 2 === 0));
    }
    const create = median(slower.map((one) => one.create));
    const get = median(slower.map((one) => one.get));
    return {
      "api.growth_create_ratio": rounded(create),
      "api.growth_get_ratio": rounded(get),
      "api.growth_ratio": rounded(Math.max(create, get)),
    };
  });
}

/** @param turned who is asked first */
async function compared(small: Place, large: Place, turned: boolean): Promise<Speed> {
  const first = await speed(turned ? large : small);
  const second = await speed(turned ? small : large);
  const [among, amongMany] = turned ? [second, first] : [first, second];
  return { create: among.create / amongMany.create, get: among.get / amongMany.get };
}
