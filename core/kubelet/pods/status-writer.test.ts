import { FakeClock, silentLogger } from "@berth/base";
import { describe, expect, it } from "vitest";
import type { Pod, PodStatus } from "../../api/index.ts";
import { type ApiClient, ApiError } from "../../client/contracts.ts";
import { PodStatusWriter } from "./status-writer.ts";

interface Server {
  pod: Pod;
  patches: unknown[];
  /** Errors for the next patches, first one first. */
  failures: ApiError[];
  deleted: unknown[];
  /** Set to hold answers back. */
  gate: Promise<void> | undefined;
}

function setUp(): { server: Server; writer: PodStatusWriter; clock: FakeClock; pod: Pod } {
  const pod: Pod = {
    metadata: { name: "web", namespace: "shop", uid: "u", resourceVersion: "1" },
    spec: { containers: [] },
    status: { phase: "Pending" },
  };
  const server: Server = { pod, patches: [], failures: [], deleted: [], gate: undefined };
  const resource = {
    async patch(_name: string, _type: string, patch: { status: PodStatus }) {
      server.patches.push(patch);
      await server.gate;
      const failure = server.failures.shift();
      if (failure) throw failure;
      const resourceVersion = String(Number(server.pod.metadata.resourceVersion) + 1);
      server.pod = {
        ...server.pod,
        metadata: { ...server.pod.metadata, resourceVersion },
        status: { ...server.pod.status, ...patch.status },
      };
      return server.pod;
    },
    get: async () => server.pod,
    delete: async (name: string, options: unknown) => void server.deleted.push([name, options]),
  };
  const client = { user: "system:node:one", resource: () => resource } as unknown as ApiClient;
  const clock = new FakeClock();
  return { server, clock, pod, writer: new PodStatusWriter({ client, clock, logger: silentLogger }) };
}

describe("the status of a pod", () => {
  it("is written at once, and not again while nothing changes", async () => {
    const { pod, server, writer } = setUp();
    writer.report(pod, { phase: "Running" });
    await writer.flush("u");
    writer.report(pod, { phase: "Running" });
    await writer.flush("u");
    expect(server.patches).toEqual([
      { metadata: { uid: "u", resourceVersion: "1" }, status: { phase: "Running" } },
    ]);
  });

  it("is written one at a time, the newest last, those in between left out", async () => {
    const { pod, server, writer } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.gate = promise;
    writer.report(pod, { phase: "Running" });
    writer.report(pod, { phase: "Running", message: "between" });
    writer.report(pod, { phase: "Failed" });
    resolve();
    await writer.flush("u");
    expect(server.patches.map((patch) => (patch as { status: PodStatus }).status.phase)).toEqual([
      "Running",
      "Failed",
    ]);
    expect(writer.current(pod).phase).toBe("Failed");
  });

  it("is put on what others wrote meanwhile", async () => {
    const { pod, server, writer } = setUp();
    server.failures.push(new ApiError(409, "Conflict", "changed"));
    server.pod = {
      ...pod,
      metadata: { ...pod.metadata, resourceVersion: "5" },
      status: { phase: "Pending", conditions: [{ type: "theirs", status: "True" }] },
    };
    writer.report(pod, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] });
    await writer.flush("u");
    expect(server.pod.status).toEqual({
      phase: "Running",
      conditions: [
        { type: "Ready", status: "True" },
        { type: "theirs", status: "True" },
      ],
    });
  });

  it("is tried again with back-off until the API takes it", async () => {
    const { clock, pod, server, writer } = setUp();
    server.failures.push(
      new ApiError(503, "ServiceUnavailable", "later"),
      new ApiError(503, "ServiceUnavailable", "later"),
    );
    writer.report(pod, { phase: "Running" });
    await clock.advance(1_000);
    await writer.flush("u");
    expect(server.patches).toHaveLength(3);
    expect(server.pod.status?.phase).toBe("Running");
  });

  it("is given up when the pod is gone", async () => {
    const { pod, server, writer } = setUp();
    server.failures.push(new ApiError(404, "NotFound", "gone"));
    writer.report(pod, { phase: "Running" });
    await writer.flush("u");
    expect(server.patches).toHaveLength(1);
  });

  it("ends with a deletion of this very pod and no other of its name", async () => {
    const { pod, server, writer } = setUp();
    await writer.confirmDeletion(pod);
    expect(server.deleted).toEqual([
      ["web", { namespace: "shop", gracePeriodSeconds: 0, preconditions: { uid: "u" } }],
    ]);
  });
});
