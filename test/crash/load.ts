import type { ConfigMap } from "../../core/api/index.ts";
import { ApiError, type ResourceClient } from "../../core/client/index.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";

export const namespace = "default";

/** Answers that say that nothing was done; any other failure leaves it open. */
const undone = new Set([400, 401, 403, 404, 409, 422, 429]);

/**
 * Creates, changes and deletes objects in so many lanes until each has met a failure or is stopped. Only one request
 * for an object is under way at a time.
 */
export async function load(options: {
  readonly maps: ResourceClient<ConfigMap>;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Begins the names of the objects. */
  readonly label: string;
  readonly lanes: number;
  readonly stop: AbortSignal;
  /** Go on after a failure, with another object. */
  readonly persistent?: boolean;
}): Promise<void> {
  const { maps, ledger, random, label, lanes, stop } = options;
  const one = async (lane: number): Promise<void> => {
    for (let i = 0; !stop.aborted; i++) {
      const name = `${label}-${lane}-${i}`;
      try {
        ledger.begin(name, "put");
        let object = await maps.create(body(name, 0), { namespace });
        ledger.acknowledge(name, revisionOf(object));
        for (let version = 1; random() < 0.4 && !stop.aborted; version++) {
          ledger.begin(name, "put");
          object = await maps.update({ ...body(name, version), metadata: object.metadata }, { namespace });
          ledger.acknowledge(name, revisionOf(object));
        }
        if (random() > 0.3) continue;
        ledger.begin(name, "delete");
        await maps.delete(name, { namespace });
        ledger.acknowledge(name, undefined);
      } catch (error) {
        if (error instanceof ApiError && undone.has(error.code)) throw error;
        if (!options.persistent) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => one(lane)));
}

/** Resolves when so many writes are acknowledged, or so long has gone by. */
export async function acknowledged(ledger: Ledger, count: number): Promise<void> {
  for (const end = Date.now() + 20_000; ledger.acknowledged < count && Date.now() < end;)
    await new Promise((resolve) => setImmediate(resolve));
}

function body(name: string, version: number): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data: { version: `${version}`, text: name.repeat(30) },
  };
}

export function revisionOf({ metadata }: ConfigMap): number {
  return Number(metadata.resourceVersion);
}
