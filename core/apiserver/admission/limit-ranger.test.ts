import { expect, it } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import { kinds } from "../../api/index.ts";
import { openMemoryStore } from "../../store/memory-store.ts";
import { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";
import { limitRanger } from "./limit-ranger.ts";

const podKind = kinds.byKind("", "v1", "Pod")!;

function limitRangerWith(...limits: object[]): ReturnType<typeof limitRanger> {
  const cache = new WatchCache(openMemoryStore({ clock: systemClock }), systemClock, silentLogger);
  const value = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "a" }, spec: { limits } };
  cache.kind("/core/limitranges/").put({
    key: "/core/limitranges/d/a",
    value: Buffer.from(JSON.stringify(value)),
    createRevision: 1,
    modRevision: 1,
  });
  return limitRanger(cache);
}

function newPod(requests: Record<string, string>, limits: Record<string, string> = {}): AdmissionRequest {
  const spec = { containers: [{ name: "c", resources: { requests, limits } }] };
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec } as unknown as Draft;
  const user = { name: "u", groups: [] };
  const about = { operation: "CREATE" as const, kind: podKind, subresource: "", namespace: "d", name: "p" };
  return { ...about, object, user, dryRun: false, warnings: [] };
}

it("a bound on a resource named as a member of every object concerns pods that ask for it, and misses in others", () => {
  const bound = JSON.parse('{"__proto__":"1","constructor":"1"}') as Record<string, string>;
  for (const type of ["Pod", "Container"]) {
    const plugin = limitRangerWith({ type, max: { constructor: "1" }, min: bound });
    expect(() => plugin.validate!(newPod({ cpu: "1" }))).toThrow("minimum constructor usage per");
    expect(() => plugin.validate!(newPod({ constructor: "2" }))).toThrow(
      `maximum constructor usage per ${type} is 1.  No limit is specified`,
    );
  }
});

it("a limit is as many times its request as allowed, and no more", () => {
  const plugin = limitRangerWith({ type: "Container", maxLimitRequestRatio: { cpu: "2" } });
  expect(() => plugin.validate!(newPod({ cpu: "100m" }, { cpu: "200m" }))).not.toThrow();
  expect(() => plugin.validate!(newPod({ cpu: "100m" }, { cpu: "201m" }))).toThrow(
    "cpu max limit to request ratio per Container is 2, but provided ratio is 2.010000",
  );
});
