import type { Metadata } from "@grpc/grpc-js";
import type { Disposable } from "@berth/base";
import type { WatchRequest } from "@berth/proto/generated/etcd/etcdserverpb/WatchRequest.ts";
import type { WatchResponse__Output } from "@berth/proto/generated/etcd/etcdserverpb/WatchResponse.ts";
import { EtcdError, toEtcdError } from "./etcd-error.ts";
import type { EtcdMember } from "./etcd-member.ts";
import type { EtcdEvent } from "./etcd-types.ts";

export interface EtcdWatchOptions {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
  /** The first revision to be told of. */
  readonly startRevision: number;
}

export interface EtcdWatchListener {
  /** Changes in revision order, with what stood there before. All changes of one revision come in one call. */
  events(events: EtcdEvent[]): void;
  /** The last call, unless the watch was disposed of: OUT_OF_RANGE when its start is compacted. */
  ended(error: EtcdError): void;
}

/** One watch on a stream of its own; it does not come back by itself. */
export function openWatch(
  member: EtcdMember,
  metadata: Metadata,
  options: EtcdWatchOptions,
  listener: EtcdWatchListener,
): Disposable {
  const stream = member.stream<WatchRequest, WatchResponse__Output>("Watch", "Watch", metadata);
  let open = true;
  let parts: EtcdEvent[] = [];
  const end = (error: EtcdError): void => {
    if (!open) return;
    open = false;
    stream.cancel();
    listener.ended(error);
  };
  stream.on("data", (answer: WatchResponse__Output) => {
    if (!open) return;
    if (answer.canceled) return end(endOf(answer));
    parts.push(...answer.events);
    if (answer.fragment || parts.length === 0) return;
    const events = parts;
    parts = [];
    listener.events(events);
  });
  stream.on("error", (error) => end(toEtcdError("Watch", error)));
  stream.on("end", () => end(new EtcdError("Watch", "UNAVAILABLE", `${member.server} ended the stream`)));
  stream.write({
    create_request: {
      key: options.key,
      range_end: options.rangeEnd,
      start_revision: options.startRevision,
      prev_kv: true,
      fragment: true,
    },
  });
  return {
    label: `watch at ${member.server}`,
    dispose() {
      open = false;
      stream.cancel();
    },
  };
}

function endOf(answer: WatchResponse__Output): EtcdError {
  const compacted = Number(answer.compact_revision);
  return compacted > 0
    ? new EtcdError("Watch", "OUT_OF_RANGE", `history up to revision ${compacted} has been compacted`)
    : new EtcdError("Watch", "UNAVAILABLE", answer.cancel_reason || "the watch was cancelled");
}
