import type { ConfigMap } from "../../core/api/index.ts";
import type { ResourceClient, WatchEvent } from "../../core/client/index.ts";
import { namespace, revisionOf } from "./load.ts";

/**
 * A client that listed once and has lived from watches since, as informers do, but never lists again: whatever a watch
 * leaves out, repeats or tells in the wrong order stays visible.
 */
export class Replay {
  /** Names and revisions as the watches tell them. */
  readonly objects = new Map<string, number>();
  /** What no watch may do, one sentence each. */
  readonly faults: string[] = [];
  revision = 0;

  async list(maps: ResourceClient<ConfigMap>): Promise<void> {
    const { items, resourceVersion } = await maps.list({ namespace });
    for (const item of items) this.objects.set(item.metadata.name ?? "", revisionOf(item));
    this.revision = Number(resourceVersion);
  }

  /** Watches from where it is, until `last` is told of, the stream ends or the signal aborts. */
  async follow(maps: ResourceClient<ConfigMap>, signal: AbortSignal, last?: string): Promise<void> {
    const events = maps.watch({
      namespace,
      resourceVersion: String(this.revision),
      allowWatchBookmarks: true,
      signal,
    });
    for await (const event of events) {
      this.#take(event);
      if (event.type !== "BOOKMARK" && event.object.metadata.name === last) return;
    }
  }

  #take(event: WatchEvent<ConfigMap>): void {
    if (event.type === "BOOKMARK") {
      const revision = Number(event.resourceVersion);
      if (revision < this.revision)
        this.faults.push(`a bookmark went back from ${this.revision} to ${revision}`);
      this.revision = revision;
      return;
    }
    const name = event.object.metadata.name ?? "";
    const revision = revisionOf(event.object);
    if (revision <= this.revision)
      this.faults.push(`${event.type} ${name} at ${revision} came after ${this.revision}`);
    if ((event.type === "ADDED") === this.objects.has(name))
      this.faults.push(
        `${event.type} ${name} at ${revision}, which was ${this.objects.get(name) ?? "absent"}`,
      );
    this.revision = revision;
    if (event.type === "DELETED") this.objects.delete(name);
    else this.objects.set(name, revision);
  }

  /** Where what the watches told differs from a list. */
  differences(listed: ReadonlyMap<string, number>): string[] {
    const names = new Set([...this.objects.keys(), ...listed.keys()]);
    return [...names]
      .filter((name) => this.objects.get(name) !== listed.get(name))
      .map(
        (name) =>
          `${name} stands at ${listed.get(name) ?? "nothing"}, the watches told ${this.objects.get(name) ?? "nothing"}`,
      );
  }
}
