import { errorMessage } from "@berth/base";
import type { HealthCheck } from "../endpoints/health.ts";
import type { ObjectStore } from "../registry/object-store.ts";

/** What has to be well for this server to be. */
export function serverChecks({ store, cache }: ObjectStore): readonly HealthCheck[] {
  return [
    { name: "ping", check: () => undefined },
    { name: "store", check: () => store.currentRevision().then(() => undefined, errorMessage) },
    { name: "watch-cache", check: () => cache.broken?.message },
  ];
}
