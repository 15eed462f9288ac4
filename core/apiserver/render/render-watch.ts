import type { Clock } from "@berth/base";
import { groupVersion, type Kind } from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { WatchItem } from "../cache/watch.ts";
import type { Status } from "../request/status-error.ts";
import { objectBytes, type Rendering, tableOf } from "./render-object.ts";

export type WatchRendering = Omit<Rendering, "now">;

const end = Buffer.from("}\n");

/** The line of one watch event. Lines of shared events are made once for each form of output. */
export function watchFrame(kind: Kind, item: WatchItem, rendering: WatchRendering, clock: Clock): Buffer {
  if (item.type === "BOOKMARK") return bookmarkFrame(kind, item, rendering);
  const { type, object, event } = item;
  // Ages in tables move on; within the life of an event in the ring nobody minds.
  const make = (): Buffer => eventFrame(kind, type, object, { ...rendering, now: clock.now() });
  return event ? event.frame(type, kind.type, rendering, make) : make();
}

function eventFrame(kind: Kind, type: string, object: CachedObject, rendering: Rendering): Buffer {
  return Buffer.concat([
    Buffer.from(`{"type":"${type}","object":`),
    objectBytes(kind, object, rendering),
    end,
  ]);
}

const initialEventsEnd = "k8s.io/initial-events-end";

/** An object of which nothing is said but how far the reader is. */
function bookmarkFrame(
  kind: Kind,
  item: Extract<WatchItem, { type: "BOOKMARK" }>,
  rendering: WatchRendering,
): Buffer {
  const { form } = rendering;
  const metadata = {
    resourceVersion: String(item.revision),
    ...(item.initialEventsEnd ? { annotations: { [initialEventsEnd]: "true" } } : {}),
  };
  const head = { kind: kind.kind, apiVersion: groupVersion(kind), metadata };
  const partial = { ...head, kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${form.version}` };
  const object = form.as === "object" ? head : form.as === "metadata" ? partial : bookmarkTable();
  return Buffer.from(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);

  function bookmarkTable(): object {
    const cells = kind.columns.map(() => "");
    const object = { None: undefined, Metadata: partial, Object: head }[rendering.includeObject];
    const { resourceVersion } = metadata;
    return { ...tableOf(kind, [], { ...rendering, now: 0 }, { resourceVersion }), rows: [{ cells, object }] };
  }
}

export function errorFrame(status: Status): Buffer {
  return Buffer.from(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
}
