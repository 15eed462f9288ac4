import { setImmediate as endOfTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { CachedObject } from "./cached-object.ts";
import { ConvertedWatch } from "./converted-watch.ts";
import { Watch } from "./watch.ts";

const prefix = "/core/pods/";
const key = `${prefix}d/p`;
const pod = (app: string) => ({ metadata: { name: "p", namespace: "d", labels: { app } } });
const appOf = (object: CachedObject): string => object.object<ReturnType<typeof pod>>().metadata.labels.app;

/** The object of another version, in which labels are in capitals. */
function converted({ key: at, namespace, name, revision, bytes }: CachedObject): CachedObject {
  const text = bytes.toString().replace(/"app":"\w+"/, (label) => label.toUpperCase().replace("APP", "app"));
  return new CachedObject(at, namespace, name, revision, Buffer.from(text));
}

it("tells changes of converted objects in their order, as added, changed and gone to whom its selector selects", async () => {
  const { cache, put, remove } = filledCache();
  const start = { revision: 0, markEnd: false };
  const inner = new Watch(cache.kind(prefix), { namespace: "", name: "" }, start, { revision: 0 });
  const selection = { namespace: "", name: "", matches: (one: CachedObject) => appOf(one) === "WEB" };
  // What comes later takes less time.
  let turns = 13;
  const watch = new ConvertedWatch(inner, selection, async (objects) => {
    for (let left = (turns -= 3); left > 0; left--) await endOfTurn();
    return objects.map(converted);
  });
  const told: string[] = [];
  const read = (): void => {
    for (let items = watch.read(10); items.length > 0; items = watch.read(10))
      for (const item of items)
        told.push(
          item.type === "BOOKMARK" ? "" : `${item.type} ${appOf(item.object)} ${item.object.revision}`,
        );
  };
  watch.wakes({ wake: read });
  for (const app of ["web", "web", "other", "web"]) {
    put(key, pod(app));
    await endOfTurn();
  }
  remove(key);
  while (told.length < 5) await endOfTurn();
  expect(told).toEqual(["ADDED WEB 1", "MODIFIED WEB 2", "DELETED WEB 3", "ADDED WEB 4", "DELETED WEB 5"]);
});
