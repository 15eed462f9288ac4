import type { Result } from "@berth/proto/generated/cni/berth/cni/v1/Result.ts";
import type { RuntimeConfig } from "@berth/proto/generated/cni/berth/cni/v1/RuntimeConfig.ts";

/** What the host remembers of one sandbox's network, for CHECK, DEL and GC. */
export interface AttachmentRecord {
  readonly sandboxId: string;
  readonly netns: string;
  /** Name of the runtime Plugin that asked. */
  readonly askedBy: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly runtimeConfig: RuntimeConfig | undefined;
  /** In chain order. */
  readonly links: readonly AttachmentLink[];
  /** Every link has its result. */
  readonly complete: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface AttachmentLink {
  /** Name of the cni Plugin. */
  readonly plugin: string;
  /** "id@version". */
  readonly madeBy: string;
  /** Its configuration at the time, which DEL needs even when it has changed since. */
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Absent: ADD was begun and its outcome is not known. */
  readonly result?: Result;
}

/** The result that the last link of the chain gave. */
export function finalResult(record: AttachmentRecord): Result | undefined {
  return record.links.at(-1)?.result;
}
