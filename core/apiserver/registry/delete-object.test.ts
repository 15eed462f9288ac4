import { describe, expect, it } from "vitest";
import { kinds } from "../../api/index.ts";
import { type DeleteRequest, markForDeletion } from "./delete-object.ts";
import type { Draft } from "./object-meta.ts";
import { namespaceStrategy } from "./strategies/namespace-strategy.ts";
import { podStrategy } from "./strategies/pod-strategy.ts";

const strategies = new Map([
  ["/Pod", podStrategy],
  ["/Namespace", namespaceStrategy],
]);
const pod = kinds.byKind("", "v1", "Pod")!;
const now = Date.UTC(2026, 0, 1);

function mark(draft: Draft, asked: DeleteRequest = {}, kind = pod): Draft | string {
  return markForDeletion({ strategies }, kind, draft, asked, now);
}

function aPod(change: Partial<Draft> = {}): Draft {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { nodeName: "one", terminationGracePeriodSeconds: 20 },
    status: { phase: "Running" },
    ...change,
  };
}

describe("deleting", () => {
  it("a pod that no node has seen takes it away at once", () => {
    expect(mark(aPod({ spec: {} }))).toBe("gone");
  });

  it("a pod that has ended takes it away at once", () => {
    expect(mark(aPod({ status: { phase: "Succeeded" } }))).toBe("gone");
  });

  it("a running pod gives it its own grace period", () => {
    const marked = mark(aPod()) as Draft;
    expect(marked.metadata).toMatchObject({
      deletionGracePeriodSeconds: 20,
      deletionTimestamp: "2026-01-01T00:00:20Z",
    });
  });

  it("is a change of what is wanted, once", () => {
    const metadata = { name: "web", generation: 3, finalizers: ["a/b"] };
    const marked = mark(aPod({ metadata })) as Draft;
    expect(marked.metadata.generation).toBe(4);
    const again = mark(structuredClone(marked), { gracePeriodSeconds: 1 }) as Draft;
    expect(again.metadata.generation).toBe(4);
  });

  it("again with a longer period changes nothing, with a shorter one shortens it", () => {
    const first = mark(aPod()) as Draft;
    expect(mark(structuredClone(first), { gracePeriodSeconds: 60 })).toBe("unchanged");
    const second = mark(structuredClone(first), { gracePeriodSeconds: 5 }) as Draft;
    expect(second.metadata).toMatchObject({
      deletionGracePeriodSeconds: 5,
      deletionTimestamp: "2026-01-01T00:00:05Z",
    });
    expect(mark(structuredClone(first), { gracePeriodSeconds: 0 })).toBe("gone");
  });

  it("with a finalizer waits for the finalizer, even without a grace period", () => {
    const held = aPod({ metadata: { name: "web", finalizers: ["a/b"] } });
    const marked = mark(held, { gracePeriodSeconds: 0 }) as Draft;
    expect(marked.metadata.deletionTimestamp).toBe("2026-01-01T00:00:00Z");
  });

  it("in the foreground leaves the work to the collector by a finalizer", () => {
    const marked = mark(aPod({ spec: {} }), { propagationPolicy: "Foreground" }) as Draft;
    expect(marked.metadata.finalizers).toEqual(["foregroundDeletion"]);
    const orphaned = mark(aPod({ spec: {} }), { orphanDependents: true }) as Draft;
    expect(orphaned.metadata.finalizers).toEqual(["orphan"]);
    // Who asks again, and otherwise, is heard.
    const again = mark(structuredClone(marked), { propagationPolicy: "Orphan" }) as Draft;
    expect(again.metadata.finalizers).toEqual(["orphan"]);
    expect(mark(structuredClone(marked), { propagationPolicy: "Background" })).toBe("gone");
  });

  it("a namespace waits for its contents and says that it is leaving", () => {
    const namespace = kinds.byKind("", "v1", "Namespace")!;
    const draft: Draft = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "a" },
      spec: { finalizers: ["kubernetes"] },
    };
    const marked = mark(draft, {}, namespace) as Draft;
    expect(marked.status).toEqual({ phase: "Terminating" });
    expect(mark({ ...structuredClone(marked), spec: { finalizers: [] } }, {}, namespace)).toBe("gone");
  });
});
